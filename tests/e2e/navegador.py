"""A real browser, signed in, and its screenshots."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.e2e.conftest import Producto

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
OPCIONES = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


DE_NAVEGADOR = [
    pytest.mark.e2e,
    pytest.mark.xdist_group("e2e"),
    pytest.mark.skipif(CHROMIUM is None, reason="no hay un Chromium instalado"),
]


@pytest.fixture(scope="module")
def pagina(producto: Producto) -> Iterator[Page]:
    """A page signed in as the demo's user; what the browser complains about fails the test."""
    quejas: list[str] = []
    with sync_playwright() as playwright:
        navegador = playwright.chromium.launch(executable_path=CHROMIUM, args=OPCIONES)
        contexto = navegador.new_context(
            base_url=f"http://localhost:{producto.puerto}",
            viewport={"width": 1440, "height": 900},
            locale="es-ES",
        )
        pagina = contexto.new_page()
        pagina.on("pageerror", lambda error: quejas.append(str(error)))
        pagina.goto("/admin/")
        pagina.get_by_label("Nombre de usuario").fill(producto.ids["staff"]["usuario"])
        pagina.locator("input[type=password]").fill(producto.ids["staff"]["clave"])
        pagina.locator("button[type=submit]").click()
        expect(pagina).to_have_url(re.compile(r"/admin/$"))
        yield pagina
        navegador.close()
    assert quejas == []


def retratar(pagina: Page, nombre: str) -> None:
    """A screenshot to look at, when ``ALPES_RETRATOS`` names a folder."""
    carpeta = os.environ.get("ALPES_RETRATOS")
    if carpeta:
        pagina.screenshot(path=Path(carpeta) / f"{nombre}.png", full_page=True)
