"""kill -9 of the whole group in the middle of work: nothing lost, nothing doubled."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.conftest import RAIZ, Producto, esperar

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

CONVERSIONES = 3_000


@pytest.mark.timeout(300)
def test_matar_todo_en_medio_de_una_siembra(producto: Producto) -> None:
    azar = random.Random(20)
    orden = ("sembrar", "--afiliados", "30", "--conversiones", str(CONVERSIONES), "--semilla", "5")
    for _vez in range(3):
        siembra = subprocess.Popen(
            [sys.executable, "manage.py", *orden],
            cwd=RAIZ,
            env=producto.entorno,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(1.5 + 2 * azar.random())
        producto.matar()
        siembra.kill()
        siembra.wait()
        verificado = producto.comando("verificar")
        assert verificado.returncode == 0, verificado.stdout + verificado.stderr
        producto.arrancar()
    assert producto.comando(*orden).returncode == 0
    esperar(lambda: _atendidas(producto), "que se atienda todo", segundos=120)
    verificado = producto.comando("verificar")
    assert verificado.returncode == 0, verificado.stdout + verificado.stderr
    assert "aviso" not in verificado.stdout


_CUENTAS = """
SELECT (SELECT COUNT(*) FROM conversiones_conversion WHERE referencia_externa LIKE 'semilla-5-%'),
    (SELECT COUNT(*) FROM comisiones_comision) - (SELECT COUNT(*) FROM conversiones_conversion),
    (SELECT COUNT(*) FROM outbox_entregapendiente)
"""


def _atendidas(producto: Producto) -> bool:
    """Asked of the file: a command each time would take the processor from whom it waits for."""
    fichero = producto.carpeta / "alpespartner.sqlite3"
    with contextlib.closing(sqlite3.connect(f"file:{fichero}?mode=ro", uri=True)) as base:
        return bool(base.execute(_CUENTAS).fetchone() == (CONVERSIONES, 0, 0))


def test_una_parte_que_muere_arranca_de_nuevo(producto: Producto) -> None:
    trabajador = next(
        pid
        for pid in producto.procesos()
        if "trabajar" in Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    )
    os.kill(trabajador, signal.SIGKILL)
    afiliado = producto.ids["afiliados"][0]
    estado, conversion = producto.pedir(
        "POST",
        "/api/v1/conversiones",
        {"afiliado_id": afiliado, "valor_conversion": "10.00"},
        clave="integracion",
    )
    assert estado == 201
    esperar(
        lambda: (
            producto.pedir(
                "GET",
                f"/commissions/by-conversion/{conversion['conversion_id']}",
                clave="integracion",
            )[0]
            == 200
        ),
        "la comisión tras revivir el trabajador",
    )


def test_si_muere_el_padre_no_queda_nadie(producto: Producto) -> None:
    procesos = producto.procesos()
    assert producto.proceso is not None
    producto.proceso.kill()
    producto.proceso.wait(10)
    esperar(lambda: not any(_vivo(pid) for pid in procesos), "que terminen los hijos")
    producto.arrancar()


def _vivo(pid: int) -> bool:
    try:
        # A zombie waits only for its new parent to notice.
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
