"""What comes in by hand and by file, in a real browser."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import CHROMIUM, RAIZ, Producto, esperar, retratar

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.xdist_group("e2e"),
    pytest.mark.skipif(CHROMIUM is None, reason="no hay un Chromium instalado"),
]
AYER = datetime.now(UTC) - timedelta(days=1)


def elegir(pagina: Page, campo: str, texto: str) -> None:
    """Choose a row of another table by searching for it."""
    pagina.locator(f"#id_{campo} + .select2, .field-{campo} .select2").first.click()
    pagina.locator(".select2-search__field").last.fill(texto)
    pagina.locator(".select2-results__option", has_text=texto).first.click()


def test_una_venta_y_su_devolucion_a_mano(pagina: Page) -> None:
    pagina.goto("/admin/conversiones/conversion/")
    pagina.locator("a[href$='/conversion/add/']").first.click()
    elegir(pagina, "afiliado", "Mateo")
    elegir(pagina, "campana", "")
    pagina.locator("#id_valor").fill("200,00")
    pagina.locator("#id_referencia_externa").fill("a-mano-1")
    pagina.locator("#id_motivo").fill("La tienda no la envió")
    pagina.get_by_role("button", name="Ver lo que ganaría").click()
    expect(pagina.get_by_text("Nada se ha registrado todavía.")).to_be_visible()
    expect(pagina.get_by_text("25,00").first).to_be_visible()
    retratar(pagina, "venta-a-mano")
    pagina.get_by_role("button", name="Registrar la venta").click()
    expect(pagina.get_by_text("quedó registrada")).to_be_visible()
    retratar(pagina, "venta-registrada")
    pagina.get_by_role("link", name="Registrar una devolución").click()
    pagina.locator("#id_monto").fill("50")
    pagina.locator("#id_causa").select_option("articulo_devuelto")
    pagina.get_by_role("button", name="Ver lo que quitaría").click()
    expect(pagina.get_by_text("6,25").first).to_be_visible()
    retratar(pagina, "devolucion-a-mano")
    pagina.get_by_role("button", name="Registrar la devolución").click()
    expect(pagina.get_by_text("La devolución quedó registrada.")).to_be_visible()
    expect(pagina.get_by_text("150,00").first).to_be_visible()


def test_un_fichero(producto: Producto, pagina: Page, tmp_path: Path) -> None:
    fichero = tmp_path / "ventas.csv"
    filas = [f"f-{n};demo-mateo;{n},50;{AYER:%Y-%m-%d %H:%M}" for n in range(1, 301)]
    fichero.write_text("\n".join(["Pedido;Partner;Total;Fecha", *filas, "f-x;nadie;1;ayer"]))
    pagina.goto("/admin/conversiones/importacion/add/")
    retratar(pagina, "importar")
    pagina.locator("input[type=file]").set_input_files(fichero)
    pagina.locator("button[name=_save]").click()
    expect(pagina.get_by_text("Es un ensayo: no se ha escrito nada.")).to_be_visible(timeout=30_000)
    expect(pagina.get_by_text("No hay un afiliado «nadie»")).to_be_visible()
    retratar(pagina, "ensayo")
    pagina.get_by_role("button", name="Aplicar", exact=True).click()
    suya = pagina.url
    # Nobody has to look.
    pagina.goto("/admin/")
    pagina.goto(suya)
    expect(pagina.locator(".ap-acciones .ap-insignia", has_text="Terminada")).to_be_visible(
        timeout=30_000
    )
    retratar(pagina, "importada")
    assert re.search(r"300</strong>\s*creadas", pagina.content())
    ventas = producto.pedir(
        "GET", "/api/v1/conversiones?referencia_externa=f-300", clave="integracion"
    )[1]["resultados"]
    assert [venta["valor_conversion"] for venta in ventas] == ["300.50"]


def _fila(producto: Producto, consulta: str) -> tuple[int, ...]:
    """A row of the running product's database, read beside it."""
    ruta = f"file:{producto.carpeta / 'alpespartner.sqlite3'}?mode=ro"
    with contextlib.closing(sqlite3.connect(ruta, uri=True, timeout=10)) as base:
        return tuple(base.execute(consulta).fetchone())


@pytest.mark.timeout(400)
def test_matada_a_mitad_termina_sola(producto: Producto, tmp_path: Path) -> None:
    """kill -9 of the command that imports and of the whole site: the site goes on, once."""
    filas = 3_000
    fichero = tmp_path / "muchas.csv"
    fichero.write_text(
        "referencia,afiliado,valor,fecha\n"
        + "".join(f"k-{n},demo-mateo,10,{AYER:%Y-%m-%d %H:%M}\n" for n in range(filas))
    )
    hechas = "SELECT count(*) FROM conversiones_conversion WHERE referencia_externa LIKE 'k-%'"
    orden = subprocess.Popen(
        [sys.executable, "manage.py", "importar", "ventas", str(fichero)],
        cwd=RAIZ,
        env=producto.entorno,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    esperar(lambda: _fila(producto, hechas)[0], "que empiece", 150)
    orden.kill()
    orden.wait()
    producto.matar()
    a_medias = _fila(producto, hechas)[0]
    producto.arrancar()
    suya = "SELECT estado = 'terminada', creadas, rechazadas FROM conversiones_importacion"
    esperar(lambda: _fila(producto, f"{suya} ORDER BY id DESC")[0], "que termine", 150)
    assert _fila(producto, f"{suya} ORDER BY id DESC") == (1, filas, 0)
    assert (_fila(producto, hechas), a_medias % 250) == ((filas,), 0)
