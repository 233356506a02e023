"""Which texts are a month, in the API and in the admin."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from alpespartner.comun.errores import DatoInvalido
from comisiones.libro.extracto import limites_mes
from tests import fabricas


@pytest.mark.parametrize(
    "mes",
    ["0001-01", "0001-12", "0000-01", "9999-12", "9999-01", "２０２６-03", "2026-3 ", "2026-13",
     " 026-03", "+026-03", "2026/03", "2026-03\n", "-026-03"],
)  # fmt: skip
def test_no_son_un_mes(mes):
    with pytest.raises(DatoInvalido):
        limites_mes(mes)


@pytest.mark.parametrize("mes", ["0002-01", "2026-02", "2026-12", "9998-12"])
def test_son_un_mes(mes):
    inicio, fin = limites_mes(mes)
    assert f"{inicio:%m}" == mes[5:]
    assert 28 <= (fin - inicio).days <= 31


@pytest.mark.django_db
@pytest.mark.parametrize("mes", ["0001-01", "9999-12", "２０２６-03", "9" * 400, "", "\x00"])
def test_la_pagina_del_extracto(client, mes):
    client.force_login(User.objects.create_superuser("jefa"))
    afiliado = fabricas.afiliado()
    for mas in ({}, {"p": "9" * 20}, {"formato": "pdf", "parte": "9" * 20}, {"formato": "nada"}):
        respuesta = client.get(
            f"/admin/comisiones/apunte/extracto/{afiliado.pk}/", {"mes": mes, **mas}
        )
        assert respuesta.status_code in (200, 400)
    for pk in ("9" * 20, "9" * 5_000, "0"):
        assert client.get(f"/admin/comisiones/apunte/extracto/{pk}/").status_code in (302, 404)
