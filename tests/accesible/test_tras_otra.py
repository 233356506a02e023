"""Pages that only another one leads to, in every width and theme: the steps of signing in, and what
a form answers before it is saved."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from tests import fabricas
from tests.accesible.navegador import TEMAS, VENTANAS, Mirador, Quejas, un_navegador
from tests.accesible.paginas import jefa
from tests.acceso.mesa import codigo_de
from tests.e2e.conftest import CHROMIUM, retratar

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.lento,
    pytest.mark.una_base,
    pytest.mark.skipif(CHROMIUM is None, reason="no hay un Chromium instalado"),
    pytest.mark.django_db(transaction=True),
]
CONTRASENA = "una contraseña larga"


def mirar_en_todas(mirador: Mirador, nombre: str) -> None:
    for ventana in VENTANAS:
        for tema in TEMAS:
            mirador.poner(ventana, tema)
            mirador.mirar(f"{nombre} {ventana} {tema}")
            retratar(mirador.pagina, f"{nombre}-{ventana}-{tema}")


def entrar(mirador: Mirador) -> Page:
    mirador.ir("/admin/login/?next=/admin/mi-acceso/")
    pagina = mirador.pagina
    pagina.get_by_label("Nombre de usuario").fill("nueva")
    pagina.locator("input[type=password]").fill(CONTRASENA)
    pagina.get_by_role("button", name="Entrar").click()
    return pagina


def test_de_la_contrasena_a_las_sesiones(sitio: str, settings: Any) -> None:
    settings.SEGUNDO_FACTOR = True
    User.objects.create_superuser("nueva", "n@ejemplo.co", CONTRASENA)
    quejas = Quejas()
    with un_navegador(sitio) as nuevo:
        mirador = Mirador(nuevo(), sitio, quejas)
        entrar(mirador)
        mirador.ir("/admin/login/inscribir/")
        mirar_en_todas(mirador, "inscribir")
        pagina = mirador.pagina
        secreto = pagina.locator("#secreto").input_value().replace(" ", "")
        pagina.get_by_label("Código").fill(codigo_de(secreto))
        pagina.get_by_role("button", name="Comprobar y seguir").click()
        pagina.get_by_role("link", name="Ya los he guardado").click()
        mirador.ir("/admin/mi-acceso/")
        mirar_en_todas(mirador, "mi-acceso")
        otro = Mirador(nuevo(), sitio, quejas)
        entrar(otro)
        otro.ir("/admin/login/codigo/")
        mirar_en_todas(otro, "codigo")
        otro.ir("/admin/olvido/")
        mirar_en_todas(otro, "olvido")
    assert not quejas.cuantas, f"\n{quejas}"


def test_lo_que_habria_cambiado(sitio: str, settings: Any) -> None:
    """What a page answers before it is saved, with rows of everything."""
    fabricas.pago(valor="1000")
    sesion = jefa().cookies[settings.SESSION_COOKIE_NAME].value
    quejas = Quejas()
    with un_navegador(sitio) as nuevo:
        mirador = Mirador(nuevo(sesion), sitio, quejas)
        mirador.ir("/admin/comisiones/retencionfiscal/add/")
        pagina = mirador.pagina
        pagina.locator("[name=porcentaje]").fill("10")
        with pagina.expect_navigation():
            pagina.get_by_role("button", name="Ver a quién cambia").click()
        expect(pagina.get_by_role("heading", name="Lo que habría cambiado")).to_be_focused()
        mirador.preparar()
        mirar_en_todas(mirador, "efecto")
    assert not quejas.cuantas, f"\n{quejas}"
