"""An affiliate's statement in the admin."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from comisiones.revision.services import aprobar_comision
from tests.admin.conftest import PRUEBA, ROLES


def url_de(afiliado) -> str:
    return reverse("admin:comisiones_apunte_extracto", args=[afiliado.pk])


def aprobar(programa, n: int) -> None:
    for comision in programa.ventas(n):
        aprobar_comision(comision=comision, actor=PRUEBA)


@pytest.mark.lento
def test_pagina_y_archivos(admin, programa):
    aprobar(programa, 3)
    url = url_de(programa.afiliado)
    ficha = admin.get(reverse("admin:afiliados_afiliado_change", args=[programa.afiliado.pk]))
    assert url in ficha.content.decode()
    pagina = admin.get(url).content.decode()
    assert "30,00" in pagina
    assert pagina.count("Comisión aprobada") == 4
    mes = f"{timezone.now():%Y-%m}"
    csv = admin.get(url, {"mes": mes, "formato": "csv"})
    assert csv.content.decode().count(",10.00,") == 3
    pdf = admin.get(url, {"mes": mes, "formato": "pdf"})
    assert pdf.content.startswith(b"%PDF-")
    assert "no-store" in pdf["Cache-Control"]


@pytest.mark.parametrize(
    "consulta",
    [{"mes": "2024-13"}, {"mes": "9999-12"}, {"formato": "pdf", "parte": "9"},
     {"formato": "pdf", "parte": "x"}],
)  # fmt: skip
def test_lo_que_no_existe_se_dice(admin, programa, consulta):
    respuesta = admin.get(url_de(programa.afiliado), consulta)
    assert respuesta.status_code == 200
    assert 'role="alert"' in respuesta.content.decode()


@pytest.mark.lento
@pytest.mark.parametrize("rol", ["", *ROLES])
def test_quien_lo_ve(programa, de_rol, rol):
    aprobar(programa, 1)
    cliente = de_rol(rol)
    esperado = 200 if rol else 403
    for consulta in ({}, {"formato": "csv"}, {"formato": "pdf"}):
        assert cliente.get(url_de(programa.afiliado), consulta).status_code == esperado
    if rol:
        assert cliente.get("/admin/comisiones/apunte/extracto/999999/").status_code == 404


@pytest.mark.lento
def test_muchas_lineas_van_por_paginas(admin, programa):
    aprobar(programa, 2)
    url = url_de(programa.afiliado)
    admin.get(url)
    with CaptureQueriesContext(connection) as pocas:
        admin.get(url)
    aprobar(programa, 150)
    with CaptureQueriesContext(connection) as muchas:
        pagina = admin.get(url).content.decode()
    assert len(muchas) == len(pocas)
    assert pagina.count("com_") == 100
    assert admin.get(url, {"p": "2"}).content.decode().count("com_") == 52
