"""The steps of signing in that only the first one leads to, and the question who it is, in every
width and theme."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page

from tests.accesible.navegador import TEMAS, VENTANAS, Mirador, Quejas, un_navegador
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
