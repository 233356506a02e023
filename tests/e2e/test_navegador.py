"""A reviewer's day in a real browser: review one and many, refunds, a simulation."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import CHROMIUM, Producto, esperar, retratar

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.xdist_group("e2e"),
    pytest.mark.skipif(CHROMIUM is None, reason="no hay un Chromium instalado"),
]


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
    pagina.locator("#cola-panel header a").click()
    expect(pagina).to_have_url(re.compile(r"/change/"))
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
    retratar(pagina, "seleccion")
    pagina.locator(".ap-en-masa button", has_text="Aprobar").click()
    retratar(pagina, "confirmar")
    expect(pagina.get_by_role("heading", name=re.compile("^Vas a aprobar"))).to_be_visible()
    pagina.locator(".ap-suelta button[type=submit]").click()
    decision = pagina.url
    retratar(pagina, "en-curso")
    # Nobody has to look.
    pagina.goto("/admin/")
    pagina.goto(decision)
    expect(pagina.get_by_text("Terminada").first).to_be_visible(timeout=20_000)
    retratar(pagina, "resultado")
    pagina.goto("/admin/comisiones/decisionenmasa/")
    expect(pagina.get_by_text("Elegidas a mano")).to_be_visible()
    retratar(pagina, "decisiones")
    pendientes = producto.pedir("GET", "/api/v1/comisiones?estado=pendiente", clave="integracion")
    assert pendientes[1]["resultados"] == []


def test_exportar_la_cola(producto: Producto, pagina: Page) -> None:
    """One click takes what is filtered, and nothing else."""
    # Nothing moves these meanwhile, as payments do others.
    pagina.goto("/admin/comisiones/comision/?estado=retenida")
    vistas = pagina.locator("#result_list tbody tr").count()
    assert vistas > 0
    with pagina.expect_download() as descarga:
        pagina.get_by_role("button", name="Exportar", exact=True).click()
    assert re.fullmatch(r"comision-\d{8}T\d{6}Z\.csv", descarga.value.suggested_filename)
    filas = list(csv.DictReader(Path(descarga.value.path()).read_text().splitlines()))
    assert {fila["estado"] for fila in filas} == {"retenida"}
    assert len(filas) == vistas
    retratar(pagina, "exportar")


def vender(producto: Producto, referencia: str) -> tuple[str, str]:
    """A sale of 200 USD at 12.5 %: its conversion and its commission."""
    cuerpo = {
        "afiliado_id": "demo-mateo", "valor_conversion": "200.00", "referencia_externa": referencia,
    }  # fmt: skip
    conversion = producto.pedir("POST", "/api/v1/conversiones", cuerpo, clave="integracion")[1]
    id_ = conversion["conversion_id"]
    ruta = f"/api/v1/comisiones?conversion_id={id_}"
    [comision] = esperar(
        lambda: producto.pedir("GET", ruta, clave="integracion")[1]["resultados"], "la comisión"
    )
    return id_, comision["comision_id"]


def devolver(producto: Producto, conversion_id: str, id_externo: str) -> None:
    estado, _cuerpo = producto.pedir(
        "POST",
        f"/api/v1/conversiones/{conversion_id}/devoluciones",
        {"id_externo": id_externo, "monto": "80.00"},
        clave="integracion",
    )
    assert estado == 201


def monto_de(producto: Producto, comision_id: str) -> str:
    ruta = f"/api/v1/comisiones/{comision_id}"
    return str(producto.pedir("GET", ruta, clave="integracion")[1]["monto"])


def aprobar_y_pagar(producto: Producto, comision_id: str) -> None:
    ruta = f"/api/v1/comisiones/{comision_id}/aprobar"
    assert producto.pedir("POST", ruta, {}, clave="integracion")[0] == 200
    esperar(lambda: estado_de(producto, comision_id) == "pagada", "el pago")


def importes(producto: Producto) -> list[str]:
    """Amounts of this month's statement."""
    ruta = f"/api/v1/afiliados/demo-mateo/extracto?mes={datetime.now(UTC):%Y-%m}"
    hojas = producto.pedir("GET", ruta, clave="integracion")[1]
    return [linea["importe"] for hoja in hojas for linea in hoja["lineas"]]


def abrir(pagina: Page, comision_id: str) -> None:
    pagina.goto(f"/admin/comisiones/comision/?estado=todas&q={comision_id}")
    pagina.locator("#result_list tbody tr a[href*='/change/']").first.click()
    pagina.locator("#cola-panel header a").click()
    expect(pagina.get_by_text("Devoluciones y ajustes")).to_be_visible()


def test_devolucion_parcial_antes_de_pagar(producto: Producto, pagina: Page) -> None:
    """The commission shrinks, says why, and is paid so."""
    conversion, comision = vender(producto, "dev-antes")
    devolver(producto, conversion, "dev-1")
    esperar(lambda: monto_de(producto, comision) == "15.00", "la reducción")
    aprobar_y_pagar(producto, comision)
    abrir(pagina, comision)
    expect(pagina.get_by_text("quitan 10,00 USD de 25,00 USD: quedan 15,00 USD")).to_be_visible()
    retratar(pagina, "devolucion-antes")


def test_devolucion_parcial_despues_de_pagar(producto: Producto, pagina: Page) -> None:
    """What was paid stays; a negative adjustment is owed back, and the ledger balances."""
    conversion, comision = vender(producto, "dev-despues")
    aprobar_y_pagar(producto, comision)
    devolver(producto, conversion, "dev-2")
    esperar(lambda: "-10.00" in importes(producto), "el ajuste")
    assert monto_de(producto, comision) == "25.00"
    abrir(pagina, comision)
    expect(pagina.get_by_text("-10,00").first).to_be_visible()
    expect(pagina.get_by_role("link", name="Devolución de una venta ya pagada")).to_be_visible()
    retratar(pagina, "devolucion-despues")
    pagina.get_by_role("link", name="Mateo Rojas").first.click()
    pagina.get_by_role("link", name="Extracto").click()
    expect(pagina.get_by_text("-10,00").first).to_be_visible()
    retratar(pagina, "extracto")
    verificado = producto.comando("verificar")
    assert verificado.returncode == 0, verificado.stdout


def test_simular_una_politica(producto: Producto, pagina: Page) -> None:
    """Written, run by the worker and read, without leaving the page."""
    pagina.goto("/admin/comisiones/simulacion/add/")
    pagina.locator("#id_nombre").fill("Doce por ciento")
    pagina.locator("#id_politica").fill(
        '{"moneda": "USD", "reglas": [{"tipo": "porcentual", "porcentaje": "12"}]}'
    )
    pagina.locator("button[name=_save]").click()
    expect(pagina.get_by_text("Quienes más ganarían")).to_be_visible(timeout=30_000)
    expect(pagina.locator("svg polyline").first).to_be_visible()
    retratar(pagina, "simulacion")
    with pagina.expect_download() as descarga:
        pagina.get_by_role("button", name="Descargar CSV").click()
    assert "afiliado_id,afiliado,moneda" in Path(descarga.value.path()).read_text()


def test_encontrarlo_todo_con_el_teclado(producto: Producto, pagina: Page) -> None:
    """Ctrl-K, part of a reference, Enter: the sale."""
    vender(producto, "PED-2026-004471-A")
    pagina.goto("/admin/")
    pagina.keyboard.press("Control+k")
    caja = pagina.get_by_role("combobox", name="Buscar en todo")
    expect(caja).to_be_focused()
    opciones = pagina.locator("#ap-paleta [role=option]")
    expect(opciones.first).to_have_text(re.compile("Inicio"))
    retratar(pagina, "paleta")
    pagina.keyboard.type("4471")
    expect(opciones.first).to_contain_text("PED-2026-004471-A")
    expect(pagina.locator("#ap-paleta output")).to_have_text(re.compile("^Resultados: [1-9]"))
    elegida = opciones.first.get_attribute("id")
    expect(caja).to_have_attribute("aria-activedescendant", str(elegida))
    retratar(pagina, "paleta-venta")
    pagina.keyboard.press("ArrowDown")
    expect(opciones.nth(1)).to_have_attribute("aria-selected", "true")
    pagina.keyboard.press("ArrowUp")
    pagina.keyboard.press("Enter")
    expect(pagina).to_have_url(re.compile(r"/conversiones/conversion/\d+/change/"))
    expect(pagina.get_by_role("heading", level=1)).to_contain_text("PED-2026-004471-A")


def test_escribir_deprisa_y_cerrar(producto: Producto, pagina: Page) -> None:
    """Enter before anything came goes to the first one; only the last request counts."""
    pagina.goto("/admin/")
    pagina.keyboard.press("/")
    caja = pagina.get_by_role("combobox", name="Buscar en todo")
    expect(caja).to_be_focused()
    pagina.keyboard.press("Escape")
    expect(caja).to_be_hidden()
    pagina.keyboard.press("Control+k")
    pedidas: list[str] = []
    pagina.on("request", lambda p: pedidas.append(p.url) if "/admin/search/" in p.url else None)
    pagina.keyboard.type("ped-2026-004471")
    pagina.keyboard.press("Enter")
    expect(pagina).to_have_url(re.compile(r"/conversiones/conversion/\d+/change/"))
    # One for the whole of it, and at most those that were on their way.
    assert len(pedidas) <= 3, pedidas
    # In a list «/» is the list's own search.
    pagina.goto("/admin/afiliados/afiliado/")
    pagina.keyboard.press("/")
    expect(pagina.locator("#searchbar")).to_be_focused()
    pagina.keyboard.type("rojas")
    pagina.keyboard.press("Enter")
    expect(pagina.locator("#result_list tbody tr").first).to_contain_text("Mateo Rojas")
    retratar(pagina, "lista-buscada")
