"""Turns: what depends on the same rows is done one after another.

Nothing refers to a turn, so taking it never turns a shared lock into an exclusive one, which is how
two transactions deadlock.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from alpespartner.comun.models import Turno


def tomar(nombres: Iterable[str]) -> None:
    """Take turns by name, in a fixed order, until the caller's transaction ends."""
    claves = sorted(set(nombres))
    # SQLite: a transaction that writes is alone.
    if claves and connection.vendor == "mysql":
        tabla = Turno._meta.db_table
        filas = ",".join(["(%s)"] * len(claves))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {tabla} (clave) VALUES {filas}"  # noqa: S608
                " ON DUPLICATE KEY UPDATE clave = VALUES(clave)",
                claves,
            )


def compartir(nombre: str) -> None:
    """Share a turn with others until the caller's transaction ends: whoever takes it waits for all
    of them, and they for it."""
    if connection.vendor == "mysql":
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT clave FROM {Turno._meta.db_table}"  # noqa: S608
                " WHERE clave = %s LOCK IN SHARE MODE",
                [nombre],
            )
