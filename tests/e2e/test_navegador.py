"""A reviewer's day in a real browser: sign in, review one, review many."""

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

pytestmark = [
    pytest.mark.e2e,
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


def estado_de(producto: Producto, comision_id: str) -> str:
    respuesta = producto.pedir("GET", f"/api/v1/comisiones/{comision_id}", clave="integracion")
    return str(respuesta[1]["estado"])


def test_revisar_una(producto: Producto, pagina: Page) -> None:
    retratar(pagina, "inicio")
    pagina.get_by_role("link", name=re.compile("Cola de revisión")).click()
    filas = pagina.locator("#result_list tbody tr")
    expect(filas.first).to_be_visible()
    retratar(pagina, "cola")
    pagina.goto("/admin/comisiones/comision/?estado=pendiente")
    filas.first.locator("a[href*='/change/']").first.click()
    expect(pagina.get_by_text("Cómo se calculó")).to_be_visible()
    id_ = re.search(r"com_[0-9A-Z]{26}", pagina.content())
    assert id_ is not None
    retratar(pagina, "detalle")
    pagina.get_by_text("Aprobar…").click()
    pagina.get_by_role("button", name=re.compile("^Aprobar")).first.click()
    expect(pagina.get_by_text("aprobad").first).to_be_visible()
    retratar(pagina, "aprobada")
    assert estado_de(producto, id_[0]) in ("aprobada", "programada", "pagada")


def test_revisar_muchas(producto: Producto, pagina: Page) -> None:
    pagina.goto("/admin/comisiones/comision/?estado=pendiente")
    pagina.locator("#action-toggle").check()
    elegidas = pagina.locator("input.action-select:checked").count()
    assert elegidas > 5
    pagina.locator("select[name=action]").select_option("aprobar_varias", force=True)
    retratar(pagina, "seleccion")
    pagina.locator("button[name=index], #changelist-form button[type=submit]").first.click()
    retratar(pagina, "confirmar")
    pagina.get_by_role("button", name=re.compile("^Aprobar")).first.click()
    expect(pagina.get_by_text("Terminado")).to_be_visible(timeout=20_000)
    retratar(pagina, "resultado")
    pendientes = producto.pedir("GET", "/api/v1/comisiones?estado=pendiente", clave="integracion")
    assert pendientes[1]["resultados"] == []
