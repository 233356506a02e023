"""SQLite with many connections in a process, as the worker and the web server have them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from alpespartner.comun.db.sqlite.base import DatabaseWrapper

pytestmark = pytest.mark.django_db

OTRO_PROCESO = """
import sqlite3, sys
conexion = sqlite3.connect(sys.argv[1])
conexion.execute("INSERT INTO t VALUES (2)")
conexion.commit()
conexion.close()
"""


def conectar(ruta):
    return DatabaseWrapper(
        {
            "NAME": str(ruta), "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL"},
            "TIME_ZONE": None, "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False, "AUTOCOMMIT": True,
            "ATOMIC_REQUESTS": False, "USER": "", "PASSWORD": "", "HOST": "", "PORT": "",
        }
    )  # fmt: skip


def test_una_conexion_nueva_no_suelta_los_candados_de_las_otras(tmp_path):
    """A process that leaves takes the log with it when it believes that it is the last."""
    ruta = tmp_path / "base.sqlite3"
    una, otra = conectar(ruta), conectar(ruta)
    with una.cursor() as cursor:
        cursor.execute("CREATE TABLE t (n integer)")
        cursor.execute("INSERT INTO t VALUES (1)")
    otra.ensure_connection()
    otra.close()
    subprocess.run([sys.executable, "-c", OTRO_PROCESO, str(ruta)], check=True)
    assert ruta.with_name("base.sqlite3-wal").exists()
    with una.cursor() as cursor:
        assert cursor.execute("SELECT n FROM t ORDER BY n").fetchall() == [(1,), (2,)]
        cursor.execute("INSERT INTO t VALUES (3)")
    una.close()
    with conectar(ruta).cursor() as cursor:
        assert cursor.execute("SELECT count(*) FROM t").fetchone() == (3,)


def test_la_base_nace_privada(tmp_path):
    ruta = tmp_path / "base.sqlite3"
    conectar(ruta).ensure_connection()
    assert ruta.stat().st_mode & 0o777 == 0o600
    assert {r.name for r in tmp_path.iterdir()} <= {
        "base.sqlite3", "base.sqlite3-wal", "base.sqlite3-shm",
    }  # fmt: skip
