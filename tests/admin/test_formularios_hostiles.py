"""Whatever is sent in a form that adds something comes back with what is wrong of it."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import models
from django.test import Client, RequestFactory

from tests import fabricas
from tests.admin.test_parametros_hostiles import jefa, url  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
# No key, no number, no date and no choice; and numbers that no column holds.
VALORES = (
    "x", "\x00", "\ud83d".encode("utf-8", "replace").decode(), "٣", "-1", "0", "9" * 20, "9" * 400,
    "1e400", "NaN", "1,50", "2026-02-30", "\u202e", "' OR 1=1", "a" * 3_000,
)  # fmt: skip


def con_alta() -> list[type[models.Model]]:
    """Models that somebody adds by hand."""
    peticion = RequestFactory().get("/")
    peticion.user = User(is_superuser=True, is_active=True, is_staff=True)
    return [m for m, pagina in admin.site._registry.items() if pagina.has_add_permission(peticion)]


@pytest.mark.lento
@pytest.mark.parametrize("modelo", con_alta(), ids=lambda m: m._meta.model_name)
def test_el_formulario_vuelve_con_lo_que_esta_mal(jefa: Client, modelo: type[models.Model]) -> None:  # noqa: F811
    fabricas.campana()
    alta = url(modelo, "add")
    contexto = jefa.get(alta).context
    # A sale has a page of its own, which shows what it would earn.
    formulario = contexto["adminform"].form if "adminform" in contexto else contexto["form"]
    campos = list(formulario.fields)
    assert campos
    for valor in VALORES:
        respuesta = jefa.post(alta, dict.fromkeys(campos, valor))
        assert respuesta.status_code in (200, 302), valor
    # One at a time, beside others that may be right.
    for campo in campos:
        for valor in VALORES[:3]:
            respuesta = jefa.post(alta, {**dict.fromkeys(campos, "1"), campo: valor})
            assert respuesta.status_code in (200, 302), (campo, valor)


def test_lo_elegido_sigue_elegido(jefa: Client) -> None:  # noqa: F811
    """After an error the page shows the row that was chosen."""
    de = fabricas.afiliado(nombre="Ada Lovelace")
    pagina = jefa.post("/admin/comisiones/ajuste/add/", {"afiliado": de.pk, "monto": "x"})
    assert pagina.status_code == 200
    assert f'<option value="{de.pk}" selected' in pagina.content.decode()
