"""Whether the database tells apart texts that differ: by case, by accents, by blanks.

With the server's own collation MySQL takes ``Key`` for ``key``: a sale would be the repetition of
another's request. SQLite compares bytes.
"""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError
from django.db import OperationalError, connections

COTEJO = "utf8mb4_0900_bin"
_COMO = f"CHARACTER SET utf8mb4 COLLATE {COTEJO};"


def sentencias_que_faltan(using: str = "default") -> list[str]:
    """Statements that mend the collation of a database and of the tables that it gave it to."""
    conexion = connections[using]
    if conexion.vendor != "mysql":
        return []
    with conexion.cursor() as cursor:
        cursor.execute("SELECT DATABASE(), @@collation_database")
        base, cotejo = cursor.fetchone()
        faltan = [] if cotejo == COTEJO else [f"ALTER DATABASE `{base}` {_COMO}"]
        cursor.execute(
            "SELECT DISTINCT table_name FROM information_schema.columns"
            " WHERE table_schema = DATABASE() AND collation_name <> %s ORDER BY table_name",
            [COTEJO],
        )
        return faltan + [f"ALTER TABLE `{tabla}` CONVERT TO {_COMO}" for (tabla,) in cursor]


def _que_hacer(sentencias: list[str]) -> str:
    return (
        f"La base de datos no distingue textos distintos: su cotejo no es {COTEJO}. Con una copia"
        " hecha y todo parado, ejecuta:\n" + "\n".join(sentencias)
    )


def comprobar(**_opciones: Any) -> list[CheckMessage]:
    """System check of every command; a database that does not answer says so by itself later."""
    try:
        sentencias = sentencias_que_faltan()
    except OperationalError:
        return []
    return [Error(_que_hacer(sentencias), id="comun.E001")] if sentencias else []


def exigir_cotejo(using: str = "default", **_opciones: Any) -> None:
    """The receiver of ``pre_migrate``, where commands that call commands skip the checks.

    Raises ``CommandError`` with the statements.
    """
    if sentencias := sentencias_que_faltan(using):
        raise CommandError(_que_hacer(sentencias))


def exigir_al_arrancar(**_opciones: Any) -> None:
    """For what starts without a command of ours. Raises ``ImproperlyConfigured``."""
    for problema in comprobar():
        raise ImproperlyConfigured(problema.msg)
