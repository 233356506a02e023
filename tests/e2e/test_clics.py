"""How many clicks each job takes from the front page; ``docs/panel.md`` has the same numbers."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import CHROMIUM, RAIZ, Producto, esperar, retratar

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.xdist_group("e2e"),
    pytest.mark.skipif(CHROMIUM is None, reason="no hay un Chromium instalado"),
]
TABLA = RAIZ / "docs" / "panel.md"
# Job: clicks, keys that are no letters of a field, and fields that are written or chosen.
CUENTA = {
    "Aprobar una comisión": (1, 2, 0),
    "Aprobar las de una página": (4, 0, 0),
    "Aprobar las de una página, con teclas": (1, 3, 0),
    "Aprobar todas las del filtro": (4, 0, 0),
    "Encontrar una venta por parte de su referencia": (0, 2, 1),
    "Explicar una comisión a quien se queja": (0, 3, 1),
    "Saber qué debemos este mes": (1, 0, 0),
    "Saber qué afiliados crecieron": (1, 0, 0),
    "Exportar lo filtrado": (2, 0, 0),
    "Importar un CSV de ventas": (4, 0, 1),
    "Dar de alta a quien lo pidió": (3, 0, 0),
    "Cambiar una tasa": (3, 0, 1),
    "Parar una campaña": (3, 0, 1),
}


def test_la_tabla_dice_lo_mismo() -> None:
    """What is written down is what is counted here."""
    filas = re.findall(r"^\| (.+?) \| .+? \| (\d+), (\d+), (\d+) \|$", TABLA.read_text(), re.M)
    assert {trabajo: tuple(map(int, n)) for trabajo, *n in filas} == CUENTA


class Mano:
    """A person at the page, whose every click, key and field is counted."""

    def __init__(self, pagina: Page) -> None:
        self.pagina = pagina
        self.clics = self.teclas = self.campos = 0
        pagina.goto("/admin/")

    def pulsar(self, donde: Locator) -> None:
        donde.click()
        self.clics += 1

    def tecla(self, cual: str) -> None:
        self.pagina.keyboard.press(cual)
        self.teclas += 1

    def escribir(self, texto: str) -> None:
        """Into the field in which the page put the cursor."""
        self.pagina.keyboard.type(texto)
        self.campos += 1

    def menu(self, titulo: str) -> None:
        self.pulsar(self.pagina.locator("#nav-sidebar a", has_text=titulo).first)

    def tarjeta(self, titulo: str) -> None:
        # Until its scripts have the keys.
        with self.pagina.expect_navigation():
            self.pulsar(self.pagina.locator(".ap-tarjeta", has_text=titulo))

    def fila(self, cual: str) -> Locator:
        return self.pagina.locator("#result_list tr", has_text=cual)

    def acabar(self, trabajo: str) -> None:
        assert (self.clics, self.teclas, self.campos) == CUENTA[trabajo], trabajo


@pytest.fixture
def mano(pagina: Page) -> Mano:
    return Mano(pagina)


def test_aprobar_una(mano: Mano) -> None:
    mano.tarjeta("Comisiones por revisar")
    mano.tecla("j")
    mano.tecla("a")
    expect(mano.pagina.locator("#cola-dicho")).to_contain_text("quedó aprobada")
    mano.acabar("Aprobar una comisión")


def test_encontrar_una_venta(mano: Mano) -> None:
    mano.tecla("Control+k")
    mano.escribir("mo-017")
    mano.tecla("Enter")
    expect(mano.pagina).to_have_url(re.compile(r"/conversion/\d+/change/"))
    expect(mano.pagina.get_by_text("demo-017").first).to_be_visible()
    mano.acabar("Encontrar una venta por parte de su referencia")


def test_explicar_una_comision(mano: Mano) -> None:
    mano.tecla("Control+k")
    mano.escribir("demo-017")
    opciones = mano.pagina.locator("#ap-paleta [role=option]")
    expect(opciones.nth(1)).to_contain_text("com_")
    mano.tecla("ArrowDown")
    mano.tecla("Enter")
    expect(mano.pagina.get_by_text("Cómo se calculó")).to_be_visible()
    mano.acabar("Explicar una comisión a quien se queja")


@pytest.mark.parametrize("trabajo", ["Saber qué debemos este mes", "Saber qué afiliados crecieron"])
def test_lo_que_debemos_y_quien_crece(mano: Mano, trabajo: str) -> None:
    mano.pulsar(mano.pagina.get_by_role("link", name="Lo que debemos y quién crece"))
    expect(mano.pagina).to_have_url(re.compile("/programa/"))
    mano.acabar(trabajo)


def test_exportar_lo_filtrado(mano: Mano) -> None:
    mano.tarjeta("Retenidas")
    with mano.pagina.expect_download() as descarga:
        mano.pulsar(mano.pagina.get_by_role("button", name="Exportar", exact=False).first)
    assert "retenida" in Path(descarga.value.path()).read_text()
    mano.acabar("Exportar lo filtrado")


def test_importar_ventas(mano: Mano, producto: Producto, tmp_path: Path) -> None:
    fichero = tmp_path / "ventas.csv"
    fichero.write_text("referencia,afiliado,valor,fecha\nclics-1,demo-mateo,10.10,2026-11-01\n")
    mano.menu("Importaciones")
    mano.pulsar(mano.pagina.locator("a[href$='/importacion/add/']").first)
    mano.pagina.locator("input[type=file]").set_input_files(fichero)
    mano.campos += 1
    mano.pulsar(mano.pagina.locator("button[name=_save]"))
    retratar(mano.pagina, "clics-importar")
    mano.pulsar(mano.pagina.get_by_role("button", name="Aplicar", exact=True))
    expect(mano.pagina.get_by_text("Terminada").first).to_be_visible(timeout=15_000)
    mano.acabar("Importar un CSV de ventas")


def test_dar_de_alta(mano: Mano) -> None:
    mano.tarjeta("Afiliados por revisar")
    mano.pulsar(mano.fila("Renata Pardo").get_by_role("link", name="Activar…"))
    retratar(mano.pagina, "clics-activar")
    mano.pulsar(mano.pagina.get_by_role("button", name="Activar", exact=True))
    expect(mano.pagina.get_by_text("está activo").first).to_be_visible()
    mano.acabar("Dar de alta a quien lo pidió")


def test_cambiar_una_tasa(mano: Mano) -> None:
    mano.menu("Reglas")
    mano.pulsar(mano.fila("Comisión general").get_by_role("link", name="Cambiar…"))
    mano.pagina.get_by_label("Porcentaje").first.fill("11")
    mano.campos += 1
    mano.pulsar(mano.pagina.get_by_role("button", name="Publicar versión"))
    expect(mano.pagina.get_by_text("Se publicó").first).to_be_visible()
    mano.acabar("Cambiar una tasa")


def test_aprobar_una_pagina(mano: Mano) -> None:
    """What is confirmed says how many and how much, and one button does it."""
    mano.tarjeta("Comisiones por revisar")
    mano.pulsar(mano.pagina.locator("#action-toggle"))
    retratar(mano.pagina, "clics-elegidas")
    mano.pulsar(mano.pagina.locator(".ap-en-masa button", has_text="Aprobar"))
    boton = mano.pagina.get_by_role("button", name=re.compile(r"Aprobar \d+ comisiones"))
    expect(boton).to_be_focused()
    retratar(mano.pagina, "clics-confirmar")
    mano.pulsar(boton)
    expect(mano.pagina.get_by_text("Terminada").first).to_be_visible(timeout=20_000)
    mano.acabar("Aprobar las de una página")


def test_aprobar_una_pagina_con_teclas(mano: Mano, producto: Producto) -> None:
    _ventas(producto, 2)
    mano = Mano(mano.pagina)
    mano.tarjeta("Comisiones por revisar")
    mano.tecla("X")
    mano.tecla("A")
    expect(mano.pagina.get_by_role("heading", name=re.compile("^Vas a aprobar"))).to_be_visible()
    mano.tecla("Enter")
    expect(mano.pagina.get_by_text("Terminada").first).to_be_visible(timeout=20_000)
    mano.acabar("Aprobar las de una página, con teclas")


def test_aprobar_todas_las_del_filtro(mano: Mano, producto: Producto) -> None:
    """More than a page has: the confirmation says all of them."""
    _ventas(producto, 60)
    mano = Mano(mano.pagina)
    mano.tarjeta("Comisiones por revisar")
    elegir = mano.pagina.get_by_role("button", name=re.compile(r"^Elegir todas \("))
    cuantas = int(re.sub(r"\D", "", elegir.inner_text()))
    assert cuantas >= 60
    mano.pulsar(elegir)
    # The page has fifty of them: their sum would be too little.
    expect(mano.pagina.locator(".ap-seleccion")).to_be_empty()
    retratar(mano.pagina, "clics-todas")
    mano.pulsar(mano.pagina.locator(".ap-en-masa button", has_text="Aprobar"))
    expect(mano.pagina.get_by_text("Todas las del filtro").first).to_be_visible()
    mano.pulsar(mano.pagina.get_by_role("button", name=f"Aprobar {cuantas} comisiones"))
    expect(mano.pagina.get_by_text("Terminada").first).to_be_visible(timeout=20_000)
    mano.acabar("Aprobar todas las del filtro")


def test_parar_una_campana(mano: Mano) -> None:
    """Last: nothing is sold in it afterwards."""
    mano.menu("Campañas")
    mano.pulsar(mano.fila("Lanzamiento Andes").get_by_role("link", name="Pausar…"))
    retratar(mano.pagina, "clics-pausar")
    # Where the cursor is.
    mano.escribir("El anunciante lo pide")
    mano.pulsar(mano.pagina.get_by_role("button", name="Pausar", exact=True))
    expect(mano.pagina.get_by_text("está en pausa").first).to_be_visible()
    mano.acabar("Parar una campaña")


def _ventas(producto: Producto, cuantas: int) -> None:
    """Sales of somebody active, with their commissions to review."""
    conversiones = [
        {
            "afiliado_id": "demo-mateo", "valor_conversion": "20.10",
            "referencia_externa": f"clics-{uuid.uuid4()}",
        }
        for _n in range(cuantas)
    ]  # fmt: skip
    estado, cuerpo = producto.pedir(
        "POST", "/api/v1/conversiones/lote", {"conversiones": conversiones}, clave="integracion"
    )
    assert (estado, cuerpo["registradas"]) == (200, cuantas), cuerpo
    ruta = "/api/v1/comisiones?estado=pendiente&limite=100"
    esperar(
        lambda: len(producto.pedir("GET", ruta, clave="integracion")[1]["resultados"]) >= cuantas,
        "las comisiones",
    )
