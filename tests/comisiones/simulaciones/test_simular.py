"""``manage.py simular`` from outside: streams, exit codes and files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

POLITICA = {"moneda": "USD", "reglas": [{"nombre": "diez", "tipo": "porcentual",
                                         "porcentaje": "10"}]}  # fmt: skip
CABECERA = "conversion_id,afiliado_id,valor,moneda,ocurrida_en\n"


def correr(carpeta: Path, filas: str, politica: object = POLITICA) -> subprocess.CompletedProcess:
    """Run the command in a process of its own, with a database that cannot be opened."""
    (carpeta / "p.json").write_text(json.dumps(politica))
    (carpeta / "c.csv").write_text(CABECERA + filas)
    return subprocess.run(
        [sys.executable, "manage.py", "simular", "--politica", carpeta / "p.json",
         "--conversiones", carpeta / "c.csv", "--salida", carpeta / "s.csv"],
        cwd=settings.BASE_DIR, capture_output=True, text=True, check=False, timeout=120,
        env={"SECRET_KEY": "x", "ALPES_DATABASE_URL": "sqlite:////no/existe/nada.db",
             "PATH": "/usr/bin:/bin", "ALPES_DATOS": str(carpeta)},
    )  # fmt: skip


@pytest.mark.lento
def test_totales_y_salida(tmp_path: Path) -> None:
    hecho = correr(tmp_path, "c1,a,100.05,USD,2026-01-01T00:00:00Z\n")
    assert hecho.returncode == 0, hecho.stderr
    assert json.loads(hecho.stdout) == {"totales": {"USD": "10.01"}, "conversiones": 1}
    assert (tmp_path / "s.csv").read_text().splitlines()[1] == "c1,a,diez,1,100.05,10.01,USD"


@pytest.mark.lento
@pytest.mark.parametrize("falla", ["fila", "politica", "archivo"])
def test_lo_malo_sale_con_2_y_una_linea(tmp_path: Path, falla: str) -> None:
    politica: object = {**POLITICA, "reglas": []} if falla == "politica" else POLITICA
    fila = "c1,a,-1,USD,2026-01-01T00:00:00Z\n" if falla == "fila" else ""
    if falla == "archivo":
        (tmp_path / "s.csv").mkdir()
    hecho = correr(tmp_path, fila, politica)
    assert (hecho.returncode, hecho.stdout) == (2, "")
    assert len(hecho.stderr.strip().splitlines()) == 1, hecho.stderr
    if falla == "fila":
        assert "línea 2" in hecho.stderr
    assert not (tmp_path / "s.csv").is_file()
