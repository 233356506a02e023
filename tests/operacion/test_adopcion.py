"""A database of the version before is recognised, and adopted with its rows."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from alpespartner.operacion.adopcion import COLUMNAS, NUEVAS, TABLAS, ULTIMAS

SEMBRAR = """
from tests import fabricas
from alpespartner.comun.models import Turno
from comisiones.pagos.models import LotePago
fabricas.aprobada()
Turno.objects.create(clave="afiliado:1")
HASTA = {"proponiendo": 7, "descartado": 8, "en_ejecucion": 9, "cerrado": 10, "borrador": None}
for n, (estado, hasta) in enumerate(HASTA.items()):
    LotePago.objects.create(
        id_publico=f"lote_{n}", moneda="USD", pasarela="archivo", estado=estado,
        preparado_por="persona:1", propuesto_hasta=hasta,
    )
"""
A_MEDIAS = (
    "SELECT estado, propuesto_hasta, soltado_hasta, reintentado_hasta FROM comisiones_lotepago"
)


@pytest.fixture
def entorno(tmp_path: Path) -> dict[str, str]:
    """A database of its own."""
    propio = {k: v for k, v in os.environ.items() if not k.startswith("ALPES_")}
    return {**propio, "ALPES_DATOS": str(tmp_path), "SECRET_KEY": settings.SECRET_KEY}


def manage(
    entorno: dict[str, str], *args: str, entrada: str = ""
) -> subprocess.CompletedProcess[str]:
    """A management command in a process of its own."""
    return subprocess.run(
        [sys.executable, "manage.py", *args], cwd=settings.BASE_DIR, env=entorno, input=entrada,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def envejecer(base: sqlite3.Connection) -> None:
    """Turn a database of this version into one of the version before."""
    for antes, ahora in TABLAS.items():
        base.execute(f"ALTER TABLE {ahora} RENAME TO {antes}")
    for nueva in NUEVAS:
        indices = base.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index'")
        for nombre, sql in indices.fetchall():
            if sql and f'"{nueva}"' in sql:
                base.execute(f"DROP INDEX {nombre}")
        base.execute(f"ALTER TABLE comisiones_lotepago DROP COLUMN {nueva}")
    for modelo, antes, ahora in COLUMNAS:
        tabla = modelo._meta.db_table
        base.execute(f"ALTER TABLE {tabla} RENAME COLUMN {ahora} TO {antes}")
    for app, nombre in ULTIMAS:
        base.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES (?, ?, '2026-01-01')",
            (app, nombre),
        )
    base.commit()


def columnas(base: sqlite3.Connection) -> dict[str, set[str]]:
    """Columns of every table."""
    tablas = base.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return {
        tabla: {fila[1] for fila in base.execute(f"PRAGMA table_info({tabla})")}
        for (tabla,) in tablas
    }


@pytest.mark.lento
def test_se_reconoce_y_se_adopta(entorno: dict[str, str], tmp_path: Path) -> None:
    assert manage(entorno, "migrate", "-v0").returncode == 0
    assert manage(entorno, "shell", "-v0", entrada=SEMBRAR).returncode == 0
    base = sqlite3.connect(tmp_path / "alpespartner.sqlite3")
    nueva = columnas(base)
    envejecer(base)
    assert columnas(base) != nueva
    negada = manage(entorno, "migrate", "-v0")
    assert negada.returncode == 1
    assert str(tmp_path) in negada.stderr
    assert "adoptar_base" in negada.stderr
    assert "Traceback" not in negada.stderr
    assert manage(entorno, "adoptar_base").returncode == 0
    assert columnas(base) == nueva
    assert base.execute(A_MEDIAS).fetchall() == [
        ("proponiendo", 7, None, None),
        ("descartado", None, 8, None),
        ("en_ejecucion", None, None, 9),
        ("cerrado", None, None, None),
        ("borrador", None, None, None),
    ]
    assert base.execute("SELECT count(*) FROM comun_turno").fetchone() == (1,)
    assert manage(entorno, "migrate", "-v0").returncode == 0
    assert manage(entorno, "verificar").returncode == 0
    # Once is enough, and it says so.
    otra_vez = manage(entorno, "adoptar_base")
    assert (otra_vez.returncode, "ya es de esta versión" in otra_vez.stderr) == (1, True)


@pytest.mark.lento
def test_una_mas_antigua_no_se_adopta(entorno: dict[str, str], tmp_path: Path) -> None:
    """What is missing would be missing for ever."""
    assert manage(entorno, "migrate", "-v0").returncode == 0
    base = sqlite3.connect(tmp_path / "alpespartner.sqlite3")
    base.execute(
        "INSERT INTO django_migrations (app, name, applied) VALUES"
        " ('comisiones', '0038_indice_de_lo_debido', '2026-01-01')"
    )
    base.commit()
    negada = manage(entorno, "adoptar_base")
    assert negada.returncode == 1
    assert "comisiones.0039_lotes_por_tramos" in negada.stderr
