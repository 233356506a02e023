"""Each benchmark that runs on the real stack, with so little that it only shows that it runs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stack.ports import is_free
from tests.stack.conftest import PROJECT, Pila

# The first start downloads 1 GB.
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("bancos"), pytest.mark.timeout(900)]

WEB = ("vista_pelada", "commissions_calculate", "conversiones", "lote")


def medir(pila: Pila, tmp_path: Path, banco: str, *opciones: str) -> dict[str, Any]:
    """What a benchmark writes in its part of the report."""
    informe = tmp_path / "informe.json"
    hecho = subprocess.run(
        [sys.executable, f"scripts/medir_{banco}.py", *opciones],
        cwd=PROJECT, env={**pila.environ, "ALPES_INFORME": str(informe)},
        capture_output=True, text=True, timeout=400, check=False,
    )  # fmt: skip
    assert hecho.returncode == 0, hecho.stdout + hecho.stderr
    (parte,) = json.loads(informe.read_text()).values()
    return dict(parte)


def test_pagos(pila: Pila, tmp_path: Path) -> None:
    """First: a batch takes all that is due."""
    parte = medir(pila, tmp_path, "pagos", "--pagos=5", "--obreros=2")
    assert (parte["pagos"], parte["lote"]) == (5, "liquidado")
    assert parte["pagos_por_segundo"] > 0


def test_web(pila: Pila, tmp_path: Path) -> None:
    puerto = next(p for p in range(21_000, 21_100) if is_free(p))
    parte = medir(
        pila, tmp_path, "web", "--segundos=0.5", "--vueltas=1", f"--puerto={puerto}"
    )  # fmt: skip
    for nombre in WEB:
        assert parte[nombre]["por_segundo"] > 0
        assert set(parte[nombre]["estados"]) <= {"200", "201"}, parte[nombre]
        assert len(parte["vueltas"][nombre]) == 1
    assert parte["conversiones"]["razon"] > 0
    assert parte["commissions_calculate"]["razon"] > 0


def test_extracto(pila: Pila, tmp_path: Path) -> None:
    parte = medir(pila, tmp_path, "extracto", "--veces=2", "--lineas=100")
    assert parte["lineas"] == 100
    assert parte["json"]["p50_ms"] > 0
    assert parte["csv"]["p50_ms"] > 0


def test_api(pila: Pila, tmp_path: Path) -> None:
    puerto = next(p for p in range(21_100, 21_200) if is_free(p))
    parte = medir(
        pila, tmp_path, "api", "--eventos=1500", "--veces=1", "--segundos=0.5",
        f"--puerto={puerto}",
    )  # fmt: skip
    assert parte["flujo"]["eventos"] >= 1500
    assert parte["flujo"]["por_segundo"] > 0
    assert parte["limites"]["contar_ms"] > 0
    assert set(parte["lecturas"]["estados"]) == {"200"}


def test_listas(pila: Pila, tmp_path: Path) -> None:
    """On what the others sold: seeding has a test of its own, and so has each list."""
    parte = medir(
        pila, tmp_path, "listas", "--ventas=1000", "--afiliados=20", "--campanas=1", "--veces=1",
        "--por-segundo=5", "--direcciones=6",
    )  # fmt: skip
    assert parte["direcciones"] == len(parte["todas"]) > 1
    assert parte["mientras_se_vende"]["ventas_por_segundo"] > 0


def test_flujo(pila: Pila, tmp_path: Path) -> None:
    """Without the memory of the application at rest, which takes as long as starting it."""
    parte = medir(
        pila, tmp_path, "flujo", "--segundos=1", "--filas=500", "--conversiones=50", "--vueltas=1",
        "--solo", "latencia", "comisiones", "vaciado",
    )  # fmt: skip
    assert parte["latencia"]["eventos"] == 50
    assert parte["comisiones"]["exactamente_una"]
    assert parte["vaciado"]["un_commit"]["por_segundo"] > 0


def test_webhooks(pila: Pila, tmp_path: Path) -> None:
    puerto = next(p for p in range(21_200, 21_300) if is_free(p))
    parte = medir(
        pila, tmp_path, "webhooks", "--segundos=1", "--por-segundo=5", "--entregas=20",
        f"--puerto={puerto}",
    )  # fmt: skip
    assert parte["espera"]["ventas"] == 5
    assert parte["salida"]["por_segundo"] > 0
