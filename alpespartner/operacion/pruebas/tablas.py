"""The tables of a new sandbox beside a new site: to copy them takes a moment, and to migrate does
not."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from django.db import connection

from alpespartner.comun import privado
from alpespartner.operacion.pruebas.programa import tiene_algo

FICHERO = "alpespartner.sqlite3"


def darle_tablas(*, datos: Path) -> bool:
    """Give a sandbox that has no database yet a copy of a live one in which there is nothing but
    tables; otherwise it makes its own. Returns whether it got one."""
    suya = datos / "pruebas" / FICHERO
    if connection.vendor != "sqlite" or suya.exists():
        return False
    if tiene_algo():
        return False
    privado.carpeta(suya.parent)
    borrador = suya.with_suffix(".nueva")
    borrador.unlink(missing_ok=True)
    connection.ensure_connection()
    with closing(sqlite3.connect(borrador)) as copia:
        connection.connection.backup(copia)
    borrador.chmod(0o600)
    borrador.rename(suya)
    return True
