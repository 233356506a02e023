"""The second factor in a real browser: enrolled, asked for again, and before money leaves."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.e2e.conftest import CHROMIUM, OPCIONES, Producto, esperar, retratar

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.xdist_group("e2e"),
    pytest.mark.skipif(CHROMIUM is None, reason="no hay un Chromium instalado"),
]
# An hour goes by for every session.
_UNA_HORA = """
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
for clave in Session.objects.values_list("session_key", flat=True):
    sesion = SessionStore(clave)
    if "presencia" in sesion:
        sesion["presencia"] = {"entro": sesion["presencia"]["entro"] - 3600}
        sesion.save()
"""


@pytest.fixture(scope="module")
def obligatorio(migrada: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Producto]:
    """The demo, with the second factor that an installation has."""
    uno = Producto(tmp_path_factory.mktemp("factor"), ademas={"ALPES_SEGUNDO_FACTOR": "1"})
    shutil.copy(migrada, uno.carpeta)
    uno.arrancar()
    yield uno
    if uno.proceso is not None and uno.proceso.poll() is None:
        uno.ctrl_c()


@pytest.fixture
def pagina(obligatorio: Producto) -> Iterator[Page]:
    """A browser of nobody yet; what it complains about fails the test."""
    quejas: list[str] = []
    with sync_playwright() as playwright:
        navegador = playwright.chromium.launch(executable_path=CHROMIUM, args=OPCIONES)
        contexto = navegador.new_context(
            base_url=f"http://localhost:{obligatorio.puerto}",
            viewport={"width": 1440, "height": 900},
            locale="es-ES",
        )
        pagina = contexto.new_page()
        pagina.on("pageerror", lambda error: quejas.append(str(error)))
        yield pagina
        navegador.close()
    assert quejas == []


def codigo_nuevo(secreto: str, usados: set[str]) -> str:
    """What the application shows, once it is none of those that were used."""
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    def ahora() -> str:
        momento = int(time.time()) // 30
        # Half a minute early is taken, too: nobody waits for it here.
        for adelanto in (0, 1):
            codigo = format_hotp_value(hotp_value(secreto, momento + adelanto))
            if codigo not in usados:
                return codigo
        return ""

    codigo: str = esperar(ahora, "otro código", 40)
    usados.add(codigo)
    return codigo


def con_contrasena(pagina: Page, producto: Producto) -> None:
    quien = producto.ids["segunda_persona"]
    pagina.goto("/admin/comisiones/lotepago/")
    pagina.get_by_label("Nombre de usuario").fill(quien["usuario"])
    pagina.locator("input[type=password]").fill(quien["clave"])
    pagina.get_by_role("button", name="Entrar").click()


def test_de_la_inscripcion_al_pago(obligatorio: Producto, pagina: Page) -> None:
    usados: set[str] = set()
    con_contrasena(pagina, obligatorio)
    expect(pagina).to_have_url(re.compile("/admin/login/inscribir/"))
    pagina.goto("/admin/")
    expect(pagina).to_have_url(re.compile(r"/admin/login/\?"))
    pagina.goto("/admin/login/inscribir/")
    dibujo = pagina.locator("img.ap-qr")
    assert dibujo.evaluate("imagen => imagen.complete && imagen.naturalWidth") > 100
    secreto = pagina.locator("#secreto").input_value().replace(" ", "")
    retratar(pagina, "inscribir")
    pagina.get_by_label("Código").fill(codigo_nuevo(secreto, usados))
    pagina.get_by_role("button", name="Comprobar y seguir").click()
    codigos = pagina.locator("#codigos").input_value().split()
    assert len(codigos) == 10
    retratar(pagina, "codigos")
    pagina.get_by_role("link", name="Ya los he guardado").click()
    expect(pagina).to_have_url(re.compile("/admin/comisiones/lotepago/"))

    with pagina.expect_navigation():
        pagina.locator("#logout-form").first.evaluate("salir => salir.submit()")
    con_contrasena(pagina, obligatorio)
    expect(pagina).to_have_url(re.compile("/admin/login/codigo/"))
    pagina.get_by_label("Código").fill("000000")
    pagina.get_by_role("button", name="Entrar").click()
    expect(pagina.get_by_text("El código no es correcto")).to_be_visible()
    # As somebody without the telephone; nor does the test wait for another code of it.
    pagina.get_by_label("Código").fill(codigos[0])
    pagina.get_by_role("button", name="Entrar").click()

    assert obligatorio.comando("shell", "-c", _UNA_HORA).returncode == 0
    pagina.locator("#result_list tbody a").first.click()
    pagina.locator("summary", has_text="Liberar").click()
    pagina.locator("#motivo-liberar").fill("Visto con el banco")
    pagina.get_by_role("button", name="Liberar", exact=True).click()
    expect(pagina.get_by_text("Confirma que eres tú")).to_be_visible()
    retratar(pagina, "identidad")
    pagina.get_by_label("Código").fill(codigo_nuevo(secreto, usados))
    pagina.get_by_role("button", name="Confirmar y seguir").click()
    expect(pagina.get_by_text("quedó liberado")).to_be_visible()
    expect(pagina).to_have_url(re.compile(r"/admin/comisiones/lotepago/\d+/change/"))
    retratar(pagina, "liberado")

    pagina.goto("/admin/mi-acceso/")
    expect(pagina.get_by_text("Te quedan 9 códigos de recuperación")).to_be_visible()
    pagina.get_by_role("button", name="Terminar").first.click()
    expect(pagina).to_have_url(re.compile("/admin/login/"))
