"""A sale that nobody brought, as far as is known, until a person says whose it is."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import CHROMIUM, Producto, retratar

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.xdist_group("e2e"),
    pytest.mark.skipif(CHROMIUM is None, reason="no hay un Chromium instalado"),
]


def test_de_nadie_a_alguien(producto: Producto, pagina: Page) -> None:
    """From its queue: four clicks and a reason, having seen what it would earn."""
    cuerpo = {
        "valor_conversion": "200.10", "referencia_externa": f"nadie-{uuid.uuid4()}",
        "cliente_ref": "cliente-77", "clic_id": "clic_inventado", "cupon": "NO-EXISTE",
    }  # fmt: skip
    estado, venta = producto.pedir("POST", "/api/v1/conversiones", cuerpo, clave="integracion")
    assert (estado, venta["afiliado_id"]) == (201, None)
    pagina.goto("/admin/conversiones/conversion/?de=nadie")
    expect(pagina.locator("#result_list")).to_contain_text("Sin atribuir")
    retratar(pagina, "sin_atribuir")
    pagina.locator("#result_list").get_by_role("link").first.click()
    expect(pagina.get_by_text("Nadie la trajo, que se sepa")).to_be_visible()
    retratar(pagina, "venta_de_nadie")
    pagina.get_by_role("link", name="Decir de quién es").click()
    pagina.locator(".select2-selection").first.click()
    pagina.locator(".select2-search__field").fill("Mateo")
    pagina.locator(".select2-results__option", has_text="Mateo").first.click()
    pagina.get_by_label("Cómo se sabe").fill("Lo dijo la tienda por correo")
    pagina.get_by_role("button", name="Ver lo que ganaría").click()
    expect(pagina.locator(".ap-tabla")).to_contain_text("Mateo")
    retratar(pagina, "asignar")
    _en_ambos(pagina, "asignar")
    pagina.get_by_role("button", name="Asignar la venta").click()
    expect(pagina.get_by_text("sus comisiones se calculan ahora mismo")).to_be_visible()
    retratar(pagina, "venta_asignada")
    pagina.get_by_role("link", name="cliente-77").click()
    expect(pagina.get_by_text("Una persona")).to_be_visible()
    retratar(pagina, "cliente")


def test_de_uno_a_otro(producto: Producto, pagina: Page) -> None:
    """From its page: three clicks and a reason, having seen what would move; it waits there."""
    cuerpo = {
        "valor_conversion": "300.10", "referencia_externa": f"ajena-{uuid.uuid4()}",
        "cliente_ref": "cliente-78", "afiliado_id": producto.ids["afiliados"][0],
    }  # fmt: skip
    estado, venta = producto.pedir("POST", "/api/v1/conversiones", cuerpo, clave="integracion")
    assert estado == 201, venta
    pagina.goto(f"/admin/conversiones/conversion/?q={venta['conversion_id']}")
    pagina.locator("#result_list").get_by_role("link").first.click()
    pagina.get_by_role("link", name="Reasignar").click()
    pagina.locator(".select2-selection").first.click()
    pagina.locator(".select2-search__field").fill("Mateo")
    pagina.locator(".select2-results__option", has_text="Mateo").first.click()
    pagina.get_by_label("Por qué").fill("Lo dijo la tienda por correo")
    pagina.get_by_role("button", name="Ver lo que se movería").click()
    expect(pagina.locator(".ap-tabla").last).to_contain_text("Mateo")
    for ancho, tema in ((1440, "light"), (390, "light"), (1440, "dark")):
        pagina.set_viewport_size({"width": ancho, "height": 900})
        pagina.emulate_media(color_scheme=tema)  # type: ignore[arg-type]
        retratar(pagina, f"reasignar_{ancho}_{tema}")
    pagina.get_by_role("button", name="Proponer la reasignación").click()
    expect(pagina.get_by_text("cuando lo confirme otra persona")).to_be_visible()
    retratar(pagina, "reasignacion_propuesta")
    pagina.get_by_role("link", name="cliente-78").click()
    pagina.get_by_role("link", name="Reasignar").click()
    expect(pagina.get_by_text("Las que ya hizo siguen siendo de quien son")).to_be_visible()
    retratar(pagina, "reasignar_cliente")
    pagina.locator(".select2-selection").first.click()
    pagina.locator(".select2-search__field").fill("Mateo")
    pagina.locator(".select2-results__option", has_text="Mateo").first.click()
    pagina.get_by_label("Y sus ventas desde").fill("01/01/2020")
    pagina.get_by_label("Por qué").fill("Lo dijo la tienda por correo")
    pagina.get_by_role("button", name="Proponer la reasignación").click()
    expect(pagina.get_by_text("300,10 USD")).to_be_visible()
    _en_ambos(pagina, "reasignar_cliente_y_ventas")
    pagina.get_by_role("button", name="Proponer la reasignación").click()
    expect(pagina.get_by_text("cuando lo confirme otra persona")).to_be_visible()
    retratar(pagina, "cliente_propuesto")


def _en_ambos(pagina: Page, nombre: str) -> None:
    for ancho, tema in ((390, "light"), (1440, "dark")):
        pagina.set_viewport_size({"width": ancho, "height": 900})
        pagina.emulate_media(color_scheme=tema)  # type: ignore[arg-type]
        retratar(pagina, f"{nombre}_{ancho}_{tema}")


def test_las_renovaciones_de_un_cliente(producto: Producto, pagina: Page) -> None:
    """A rule says for how long; the page of each sale, whether it earns and why."""
    pagina.set_viewport_size({"width": 1440, "height": 900})
    pagina.emulate_media(color_scheme="light")
    pagina.goto("/admin/comisiones/regla/")
    pagina.locator("#result_list").get_by_role("link", name="Comisión general").click()
    pagina.get_by_role("link", name="Publicar versión").first.click()
    pagina.get_by_label("Meses que gana cada cliente").fill("12")
    pagina.get_by_label("Ventas de cada cliente que ganan").fill("6")
    desde = datetime.now(UTC) - timedelta(days=700)
    pagina.locator("[name=vigente_desde_0]").fill(f"{desde:%d/%m/%Y}")
    pagina.locator("[name=vigente_desde_1]").fill("00:00")
    expect(pagina.locator("[data-previa]")).to_contain_text("Las siguientes de un cliente")
    _en_ambos(pagina, "renovaciones_regla")
    pagina.get_by_role("button", name="Publicar versión").click()
    expect(pagina.get_by_text("durante 12 meses")).to_be_visible()
    retratar(pagina, "renovaciones_publicada")
    ventas = []
    for dias in (500, 300, 20):
        cuerpo = {
            "valor_conversion": "120", "cliente_ref": "suscrito-1",
            "afiliado_id": producto.ids["afiliados"][2],
            "ocurrida_en": (datetime.now(UTC) - timedelta(days=dias)).isoformat(),
        }  # fmt: skip
        estado, venta = producto.pedir("POST", "/api/v1/conversiones", cuerpo, clave="integracion")
        assert estado == 201, venta
        ventas.append(venta["conversion_id"])
    dichos = ("12,00", "Es una renovación", "Fuera de los 12 meses")
    for venta, dicho in zip(ventas, dichos, strict=True):
        pagina.goto(f"/admin/conversiones/conversion/?q={venta}")
        pagina.locator("#result_list").get_by_role("link").first.click()
        expect(pagina.locator("#content-main")).to_contain_text(dicho)
        _en_ambos(pagina, f"renovaciones_{dicho[:2]}")
