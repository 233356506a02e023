"""Rounds: a sweep that takes so many at a time goes on where it left off.

What cannot be moved on, however often it is tried, must not stand in front of the rest. A sweep
that looked at all begins at the first again. The place is the process's own, and so does another
one, or the same started anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet


class Ronda:
    """The place of one sweep among what it looks at. Each key counts as seen when it is taken,
    whatever becomes of it."""

    def __init__(self) -> None:
        self._ultima: Any = None

    def siguientes(self, filas: QuerySet[Any], limite: int) -> Iterator[int]:
        """Keys of up to ``limite`` of some rows: those after the last one seen, then from the first
        again."""
        claves = filas.order_by("pk").values_list("pk", flat=True)
        ultima = self._ultima
        turno = list((claves if ultima is None else claves.filter(pk__gt=ultima))[:limite])
        if ultima is not None and len(turno) < limite:
            turno += claves.filter(pk__lte=ultima)[: limite - len(turno)]
        yield from self._tomar(turno, todos=len(turno) < limite)

    def desde_la_ultima(self, claves: Sequence[Any]) -> Iterator[Any]:
        """All of some keys that are already read, in their order, from the last one seen on."""
        ordenadas = sorted(claves)
        ultima = self._ultima
        despues = [c for c in ordenadas if ultima is None or c > ultima]
        turno = despues + ordenadas[: len(ordenadas) - len(despues)]
        yield from self._tomar(turno, todos=True)

    def _tomar(self, claves: Sequence[Any], *, todos: bool) -> Iterator[Any]:
        for clave in claves:
            self._ultima = clave
            yield clave
        if todos:
            self._ultima = None
