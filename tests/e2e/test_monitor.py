"""The monitor in a real browser and a terminal, while who delivers events hangs and comes back."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import CHROMIUM, RAIZ, Producto, esperar, retratar

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.xdist_group("e2e"),
    pytest.mark.skipif(CHROMIUM is None, reason="no hay un Chromium instalado"),
]
MONITOR = "/admin/operacion/alerta/monitor/"


def trabajador(producto: Producto) -> int:
    """Who delivers."""
    for pid in producto.procesos():
        if b"trabajar" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return pid
    raise AssertionError("no hay quien entregue")


def atraso(producto: Producto) -> int:
    """As a script sees it."""
    dicho = json.loads(producto.comando("monitor", "--json").stdout)
    return max(suya["atraso"] for suya in dicho["partes"]["suscripciones"].values())


def test_un_consumidor_parado_se_ve_y_se_va(producto: Producto, pagina: Page) -> None:
    esperar(lambda: producto.pedir("GET", "/health")[1]["eventos"] == "ok", "la demostración")
    pagina.goto(MONITOR)
    cifra = pagina.locator("[data-ahora] li", has_text="Mayor atraso").locator("strong")
    expect(cifra).to_have_text("0", timeout=20_000)
    retratar(pagina, "monitor")
    pantalla = subprocess.Popen(
        [sys.executable, "manage.py", "monitor", "--registro", "--cada=1"],
        cwd=RAIZ, env=producto.entorno, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert pantalla.stdout is not None
    afiliado = _un_afiliado(producto)
    esperar(lambda: atraso(producto) == 0, "lo que había")
    pid = trabajador(producto)
    os.kill(pid, signal.SIGSTOP)
    try:
        venta = producto.pedir(
            "POST", "/api/v1/conversiones",
            {"afiliado_id": afiliado, "valor_conversion": "10"},
            clave="integracion",
        )  # fmt: skip
        assert venta[0] == 201, venta
        expect(cifra).to_have_text("1", timeout=20_000)
        # What comes of it names it too, in its document.
        suya = pagina.locator("summary", has_text=venta[1]["conversion_id"])
        suceso = pagina.locator("[data-cola] li", has=suya)
        suceso.locator("summary").click()
        expect(suceso.locator("pre")).to_contain_text('"specversion": "1.0"')
        retratar(pagina, "monitor-parado")
        assert next(linea for linea in pantalla.stdout if re.search(r"atraso\.\w+=1", linea))
    finally:
        os.kill(pid, signal.SIGCONT)
        pantalla.send_signal(signal.SIGINT)
    expect(cifra).to_have_text("0", timeout=20_000)
    assert pantalla.wait(30) == 0
    pantalla.stdout.close()
    # What was open stays open, and nothing moves while it is paused.
    expect(suceso.locator("pre")).to_be_visible()
    pagina.get_by_role("button", name="Pausar").press("Enter")
    expect(pagina.locator("[data-dicho]")).to_have_text("En pausa.")
    pagina.get_by_label("Tipo").select_option("CanarioEmitido")
    expect(pagina.locator("[data-nada]")).to_be_visible()
    assert atraso(producto) == 0
    pagina.set_viewport_size({"width": 390, "height": 844})
    retratar(pagina, "monitor-estrecho")


def _un_afiliado(producto: Producto) -> str:
    datos = {"nombre": "Ana Tévez", "email": "ana@ejemplo.test"}
    estado, nuevo = producto.pedir("POST", "/api/v1/afiliados", datos, clave="integracion")
    assert estado == 201, nuevo
    return str(nuevo["afiliado_id"])
