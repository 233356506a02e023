"""``make bench``, and the report of the end-to-end tests, on next to nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

pytestmark = pytest.mark.una_base


def test_la_dispersion_es_de_lo_que_cambia(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend("scripts")
    import medir_todo

    def vuelta(p50: float) -> dict[str, Any]:
        return {
            "api": {"maquina": {"carga": p50}, "ventas": 7, "objetivo": "<= 5", "x": {"p50": p50}}
        }

    assert medir_todo.dispersion([vuelta(3), vuelta(1), vuelta(2)]) == {
        "api.x.p50": {"minimo": 1, "mediana": 2, "maximo": 3}
    }
    assert {"django", "nucleo", "python"} <= medir_todo.versiones().keys()


def test_hay_uno_de_cada(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new benchmark joins the one that runs them all, and has its order in the Makefile."""
    monkeypatch.syspath_prepend("scripts")
    import medir_todo

    dichos = {
        (orden[1] if orden[0] == "-m" else Path(orden[0]).stem).rpartition("medir_")[2]
        for orden, _pequena in medir_todo.BANCOS.values()
    }
    hay = {
        r.stem.removeprefix("medir_") for r in (settings.BASE_DIR / "scripts").glob("medir_*.py")
    }
    assert dichos == hay - {"todo"}
    ordenes = (settings.BASE_DIR / "Makefile").read_text()
    assert all(f"medir_{nombre}" in ordenes for nombre in hay)


@pytest.mark.lento
def test_todos_en_un_informe(tmp_path: Path) -> None:
    informe = tmp_path / "informe.json"
    entorno = {n: v for n, v in os.environ.items() if not n.startswith("ALPES_")}
    hecho = subprocess.run(
        [sys.executable, "scripts/medir_todo.py", "--pequeno", "--solo=atribucion", "--vueltas=2"],
        cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=120, check=False,
        env={**entorno, "ALPES_INFORME": str(informe)},
    )  # fmt: skip
    assert hecho.returncode == 0, hecho.stdout + hecho.stderr
    leido = json.loads(informe.read_text())
    assert {"maquina", "versiones", "atribucion"} == leido.keys()
    assert leido["atribucion"]["vueltas_del_banco"] == 2
    assert leido["atribucion"]["decisions_per_s"] > 0
    assert leido["atribucion"]["dispersion"].keys() <= {"decisions_per_s", "atribuir_sales_per_s"}


@pytest.mark.lento
def test_el_informe_de_las_pruebas_de_punta_a_punta(tmp_path: Path) -> None:
    """Cases with their steps, what failed, and the events of each topic that a product wrote."""
    (tmp_path / "test_caso.py").write_text(
        '''
import json, pathlib, types, pytest

@pytest.fixture
def producto(tmp_path):
    return types.SimpleNamespace(carpeta=tmp_path)

def test_vende(producto):
    """Somebody sells <b>."""
    linea = json.dumps({"source": "/alpespartner/conversiones"})
    (producto.carpeta / "events.jsonl").write_text(f"{linea}\\n{linea}\\n")

def test_falla():
    assert 1 == 2

@pytest.mark.skip("no hay pila")
def test_sin_pila():
    pass
'''
    )
    informe = tmp_path / "e2e.json"
    hecho = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-c", "/dev/null", "-p", "scripts.informe_e2e",
         "-p", "no:cacheprovider", "-p", "no:django", "--rootdir", str(tmp_path), str(tmp_path)],
        cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=100, check=False,
        env={**os.environ, "ALPES_INFORME_E2E": str(informe)},
    )  # fmt: skip
    assert informe.exists(), hecho.stdout + hecho.stderr
    leido = json.loads(informe.read_text())
    assert leido["resultados"] == {"pasa": 1, "falla": 1, "se salta": 1}
    vende, falla, _salta = leido["casos"]
    assert vende["dice"] == "Somebody sells <b>."
    assert vende["eventos"] == {"conversiones.eventos": 2}
    assert [p["paso"] for p in vende["pasos"]] == ["preparar", "probar", "recoger"]
    assert "1 == 2" in falla["fallo"]
    pagina = informe.with_suffix(".html").read_text()
    assert "Somebody sells &lt;b&gt;." in pagina
    assert "conversiones.eventos 2" in pagina
