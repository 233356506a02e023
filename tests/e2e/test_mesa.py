"""The review queue by keyboard, and what it says when somebody was there before."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import CHROMIUM, Producto, esperar, retratar

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.xdist_group("e2e"),
    pytest.mark.skipif(CHROMIUM is None, reason="no hay un Chromium instalado"),
]
COLA = "/admin/comisiones/comision/?estado=pendiente"


def fila(pagina: Page, n: int):  # type: ignore[no-untyped-def]
    return pagina.locator("#result_list tbody:has([data-fila])").nth(n)


def clave(pagina: Page, n: int) -> str:
    return str(fila(pagina, n).locator("[data-fila]").get_attribute("data-fila"))


def enfocada(pagina: Page) -> str | None:
    """The row in which the focus is."""
    return pagina.evaluate(
        "document.activeElement.closest('tr')?.querySelector('[data-fila]')?.dataset.fila ?? null"
    )


def id_de(pagina: Page, n: int) -> str:
    return str(fila(pagina, n).locator(".ap-id").get_attribute("title"))


@pytest.fixture
def cola(producto: Producto, pagina: Page) -> Page:
    """The queue with enough to decide about."""
    ventas = []
    for _vez in range(9):
        cuerpo = {
            "afiliado_id": "demo-mateo", "valor_conversion": "200.10",
            "referencia_externa": f"mesa-{uuid.uuid4()}",
        }  # fmt: skip
        hecha = producto.pedir("POST", "/api/v1/conversiones", cuerpo, clave="integracion")[1]
        ventas.append(hecha["conversion_id"])

    def calculadas() -> bool:
        rutas = [f"/api/v1/comisiones?conversion_id={venta}" for venta in ventas]
        return all(producto.pedir("GET", r, clave="integracion")[1]["resultados"] for r in rutas)

    esperar(calculadas, "las comisiones")
    pagina.goto(COLA)
    return pagina


def test_cinco_con_el_teclado(producto: Producto, cola: Page) -> None:
    """Approved, rejected, held, looked at and approved, approved: no mouse, no other page."""
    ids = [id_de(cola, n) for n in range(5)]
    claves = [clave(cola, n) for n in range(6)]
    tecla = cola.keyboard.press
    tecla("j")
    assert enfocada(cola) == claves[0]
    tecla("a")
    expect(fila(cola, 0)).to_contain_text("quedó aprobada")
    expect(cola.locator("#cola-dicho")).to_contain_text("quedó aprobada")
    assert enfocada(cola) == claves[1]
    tecla("r")
    dialogo = cola.locator("#decidir-rechazar")
    expect(dialogo).to_be_visible()
    retratar(cola, "mesa-rechazar")
    # Escape leaves everything as it was, and the focus where it was.
    tecla("Escape")
    expect(dialogo).not_to_be_visible()
    assert enfocada(cola) == claves[1]
    tecla("r")
    tecla("Tab") if cola.evaluate("document.activeElement.tagName") != "SELECT" else None
    tecla("F")
    tecla("Tab")
    cola.keyboard.type("jkx no decide nada")
    tecla("Tab")
    tecla("Enter")
    expect(fila(cola, 1)).to_contain_text("quedó rechazada")
    assert enfocada(cola) == claves[2]
    tecla("h")
    tecla("S")
    tecla("Tab")
    tecla("Tab")
    tecla("Enter")
    expect(fila(cola, 2)).to_contain_text("quedó retenida")
    assert enfocada(cola) == claves[3]
    tecla("Enter")
    panel = cola.locator("#cola-panel")
    expect(panel).to_contain_text("Cómo se calculó")
    retratar(cola, "mesa-panel")
    assert cola.evaluate("document.activeElement.tagName") == "H2"
    tecla("a")
    expect(fila(cola, 3)).to_contain_text("quedó aprobada")
    # The panel is already the next one's.
    expect(panel.locator(f"[data-panel='{claves[4]}']")).to_be_visible()
    tecla("Escape")
    expect(panel).not_to_be_visible()
    assert enfocada(cola) == claves[4]
    tecla("a")
    expect(fila(cola, 4)).to_contain_text("quedó aprobada")
    assert enfocada(cola) == claves[5]
    estados = [
        producto.pedir("GET", f"/api/v1/comisiones/{id_}", clave="integracion")[1] for id_ in ids
    ]
    aprobada = {"aprobada", "programada", "pagada"}
    assert [e["estado"] in aprobada for e in estados] == [True, False, False, True, True]
    assert (estados[1]["estado"], estados[1]["motivo_codigo"]) == ("rechazada", "fraude")
    assert estados[1]["motivo"] == "jkx no decide nada"
    assert (estados[2]["estado"], estados[2]["motivo_codigo"]) == ("retenida", "sin_existencias")


def test_otra_persona_llego_antes(producto: Producto, cola: Page) -> None:
    """The row says who, what and when; the next key is about the same row."""
    cual, suya = id_de(cola, 1), clave(cola, 1)
    cola.keyboard.press("j")
    cola.keyboard.press("j")
    assert enfocada(cola) == suya
    ruta = f"/api/v1/comisiones/{cual}/rechazar"
    assert producto.pedir("POST", ruta, {"motivo": "m"}, clave="integracion")[0] == 200
    cola.keyboard.press("a")
    expect(fila(cola, 1)).to_contain_text(re.compile(r"Rechazo, de Clave ap_.+, hace un momento"))
    retratar(cola, "mesa-llego-antes")
    assert enfocada(cola) == suya
    respuesta = producto.pedir("GET", f"/api/v1/comisiones/{cual}", clave="integracion")
    assert respuesta[1]["estado"] == "rechazada"


def test_elegir_suma_al_centimo(cola: Page) -> None:
    """Three of 25.01: what a binary fraction would not say."""
    montos = [
        fila(cola, n).locator("[data-fila]").get_attribute("data-monto") or "" for n in range(3)
    ]
    for _vez in range(3):
        cola.keyboard.press("j")
        cola.keyboard.press("x")
    total = sum(map(int, montos))
    suma = cola.locator(".ap-seleccion")
    expect(suma).to_contain_text(f"{total // 10_000},{total % 10_000 // 100:02d}")
    retratar(cola, "mesa-elegidas")


def test_fichas(cola: Page) -> None:
    """What is applied, each with its way out; the tabs keep it."""
    cola.goto("/admin/comisiones/comision/?moneda=USD&monto_desde=1&antiguedad=1")
    fichas = cola.locator(".ap-fichas li")
    expect(fichas).to_have_count(4)
    expect(cola.get_by_text("Mostrar todo")).to_have_count(0)
    retratar(cola, "mesa-fichas")
    cola.get_by_role("link", name="Quitar el filtro Antigüedad: más de 1 día").click()
    expect(cola.locator(".ap-fichas li")).to_have_count(3)
    cola.locator(".ap-pestanas a", has_text="Todas").click()
    expect(cola).to_have_url(re.compile("estado=todas.*moneda=USD"))
    expect(cola.locator(".ap-fichas li")).to_have_count(3)
    cola.get_by_role("link", name="Quitar todos").click()
    expect(cola.locator(".ap-fichas")).to_have_count(0)
    expect(cola).to_have_url(re.compile("estado=todas"))


def test_las_teclas_no_escriben_ni_deciden_en_una_caja(cola: Page) -> None:
    """In the search box they are letters; ? tells them all, and closes where it was opened."""
    cola.keyboard.press("/")
    cola.keyboard.type("ajx")
    expect(cola.locator("#searchbar")).to_have_value("ajx")
    expect(cola.locator(".ap-dicho")).to_have_count(0)
    cola.locator("#searchbar").blur()
    cola.keyboard.press("?")
    expect(cola.locator("#cola-ayuda")).to_be_visible()
    retratar(cola, "mesa-teclas")
    cola.keyboard.press("Escape")
    expect(cola.locator("#cola-ayuda")).not_to_be_visible()


@pytest.mark.parametrize("ancho", [1440, 1280, 390])
@pytest.mark.parametrize("tema", ["light", "dark"])
def test_cabe(cola: Page, ancho: int, tema: str) -> None:
    """No page is wider than its window, with the panel and without."""
    cola.evaluate("tema => localStorage.setItem('adminTheme', JSON.stringify(tema))", tema)
    cola.set_viewport_size({"width": ancho, "height": 900})
    cola.goto("/admin/comisiones/comision/?moneda=USD")
    retratar(cola, f"mesa-{tema}-{ancho}-cola")
    cola.get_by_role("button", name="Filtros").click()
    expect(cola.locator("[name=monto_desde]")).to_be_visible()
    retratar(cola, f"mesa-{tema}-{ancho}-filtros")
    cola.goto("/admin/comisiones/comision/?moneda=USD")
    cola.locator(".ap-vistas summary").click()
    retratar(cola, f"mesa-{tema}-{ancho}-vistas")
    cola.locator(".ap-vistas summary").click()
    fila(cola, 0).locator("a").first.click()
    expect(cola.locator("#cola-panel")).to_contain_text("Cómo se calculó")
    retratar(cola, f"mesa-{tema}-{ancho}-panel")
    assert cola.evaluate("document.documentElement.scrollWidth <= innerWidth")
    cola.keyboard.press("Escape")
    cola.set_viewport_size({"width": 1440, "height": 900})
