"""The benchmarks that need no stack, with so little that they only show that they run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from stack.ports import is_free

pytestmark = pytest.mark.lento


def correr(*orden: str, informe: Path | None = None) -> str:
    entorno = {n: v for n, v in os.environ.items() if not n.startswith("ALPES_")}
    hecho = subprocess.run(
        [sys.executable, *orden], cwd=settings.BASE_DIR, capture_output=True, text=True,
        env=entorno if informe is None else {**entorno, "ALPES_INFORME": str(informe)},
        timeout=120, check=False,
    )  # fmt: skip
    assert hecho.returncode == 0, hecho.stdout + hecho.stderr
    return hecho.stdout


def test_motor() -> None:
    medidas = json.loads(
        correr("-m", "scripts.medir_motor", "--comisiones=500", "--conversiones=2000",
               "--repeticiones=1", "--red")
    )  # fmt: skip
    assert set(medidas) == {"percent_per_s", "tiered_per_s", "simular_1m_s", "rss_mib"}
    assert all(valor > 0 for valor in medidas.values())


def test_atribucion() -> None:
    medidas = json.loads(
        correr("-m", "scripts.medir_atribucion", "--decisiones=500", "--ventas=200",
               "--repeticiones=1")
    )  # fmt: skip
    assert set(medidas) == {"decisions_per_s", "atribuir_sales_per_s"}
    assert all(valor > 0 for valor in medidas.values())


@pytest.mark.e2e
def test_web_embebido(tmp_path: Path) -> None:
    puerto = next(p for p in range(20_000, 21_000) if is_free(p))
    informe = tmp_path / "informe.json"
    correr(
        "scripts/medir_web.py", "--embebido", "--segundos=0.5", "--vueltas=1", f"--puerto={puerto}",
        informe=informe,
    )  # fmt: skip
    parte = json.loads(informe.read_text())["web_embebido"]
    assert set(parte["commissions_calculate"]["estados"]) == {"201"}
    assert parte["commissions_calculate"]["por_segundo"] > 0
    assert parte["memoria_mib"] > 0
