"""How many rows each query touches, whatever the machine's speed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

_ESTADO = "SHOW SESSION STATUS LIKE 'Handler_read%'"


@dataclass
class Consultas:
    """What was asked: rows touched on MySQL, plans on SQLite."""

    tocadas: list[tuple[int, str]] = field(default_factory=list)
    planes: list[tuple[str, str]] = field(default_factory=list)

    def peor(self) -> tuple[int, str]:
        """The query that touched the most rows."""
        return max(self.tocadas, default=(0, ""))

    def malos(self, grandes: set[str]) -> list[str]:
        """Plans that read, or sort, all of a large table. A group costs what is read for it."""
        return [
            f"{paso}\n    {sql[:300]}"
            for sql, paso in self.planes
            if (
                (tabla := re.search(r"\bSCAN (\w+)", paso))
                and tabla.group(1) in grandes
                and "LIMIT" not in sql
            )
            or (
                "TEMP B-TREE FOR ORDER" in paso
                and any(t in sql for t in grandes)
                and "LIMIT" not in sql
            )
        ]


@contextmanager
def vigilar() -> Iterator[Consultas]:
    """Look at every SELECT of this connection."""
    vistas = Consultas()
    propio = _de_mas() if connection.vendor == "mysql" else 0

    def mirar(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.lstrip(" (").upper().startswith("SELECT"):
            return execute(sql, params, many, context)
        if connection.vendor == "mysql":
            antes = _leidas()
            respuesta = execute(sql, params, many, context)
            vistas.tocadas.append((_leidas() - antes - propio, f"{sql} {params}"))
            return respuesta
        cursor = connection.connection.cursor()
        plano = connection.ops.last_executed_query(context["cursor"], sql, params) or sql
        try:
            for _id, _padre, _nada, paso in cursor.execute(f"EXPLAIN QUERY PLAN {plano}"):
                vistas.planes.append((sql, paso))
        finally:
            cursor.close()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(mirar):
        yield vistas


def _leidas() -> int:
    cursor = connection.connection.cursor()
    try:
        cursor.execute(_ESTADO)
        return sum(int(n) for _nombre, n in cursor.fetchall())
    finally:
        cursor.close()


def _de_mas() -> int:
    """What looking adds by itself."""
    _leidas()
    primera = _leidas()
    return _leidas() - primera
