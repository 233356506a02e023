"""Triggers that refuse to change or delete the ledger, whoever asks: SQLite and MySQL."""

from __future__ import annotations

from collections.abc import Collection

from django.db.backends.base.base import BaseDatabaseWrapper

LIBRO = ("comisiones_asiento", "comisiones_apunte")
CADENA = ("comisiones_sellodiario", "comisiones_eslabon")
REPARACIONES = ("comisiones_eslabontardio",)
TABLAS = (*LIBRO, *CADENA, *REPARACIONES)
_OPERACIONES = ("UPDATE", "DELETE")
MENSAJE = "el libro no se cambia ni se borra"


def _nombre(tabla: str, operacion: str) -> str:
    return f"{tabla}_sin_{operacion.lower()}"


def crear(conexion: BaseDatabaseWrapper, tablas: Collection[str] = TABLAS) -> None:
    """Create the triggers; those that exist are made anew, and a table that a later migration makes
    gets its own then.

    MySQL with a binary log takes them from an ordinary user only with
    ``log_bin_trust_function_creators = ON`` in its configuration; else this raises
    ``OperationalError`` 1419.
    """
    quitar(conexion, tablas)
    with conexion.cursor() as cursor:
        hay = set(conexion.introspection.table_names(cursor))
        for tabla in (t for t in tablas if t in hay):
            for operacion in _OPERACIONES:
                if conexion.vendor == "mysql":
                    cuerpo = f"FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{MENSAJE}'"
                else:
                    cuerpo = f"BEGIN SELECT RAISE(ABORT, '{MENSAJE}'); END"
                cursor.execute(
                    f"CREATE TRIGGER {_nombre(tabla, operacion)} BEFORE {operacion} ON {tabla}"
                    f" {cuerpo}"
                )


def quitar(conexion: BaseDatabaseWrapper, tablas: Collection[str] = TABLAS) -> None:
    """Drop the triggers: for tests that empty the tables, or break them on purpose."""
    with conexion.cursor() as cursor:
        for tabla in tablas:
            for operacion in _OPERACIONES:
                cursor.execute(f"DROP TRIGGER IF EXISTS {_nombre(tabla, operacion)}")
