"""Rounds: a sweep that takes so many at a time goes on where it left off.

What cannot be moved on, however often it is tried, must not stand in front of the rest. A sweep
that looked at all begins at the first again. The place is the process's own, and so does another
one, or the same started anew.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import InterfaceError, OperationalError
from django.db.models import QuerySet

log = logging.getLogger(__name__)


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

    def cada(self, filas: QuerySet[Any], limite: int, hacer: Callable[[int], int], que: str) -> int:
        """Call ``hacer`` with each of :meth:`siguientes`; returns what it adds up to.

        One that fails is logged as ``que``, and stops neither those behind it nor what comes after
        the sweep. A database that is busy or gone does: raises OperationalError or InterfaceError.
        """
        return sum(_intentar(hacer, clave, que) for clave in self.siguientes(filas, limite))

    def por_porciones(
        self,
        filas: QuerySet[Any],
        limite: int,
        *,
        porciones: int,
        porcion: Callable[[int], bool],
        que: str,
    ) -> int:
        """Long work on each of :meth:`siguientes`, by portions: ``porcion`` does one and says
        whether it did any. Returns how many were done, up to ``porciones``. Whoever is in the
        middle of its work when they are used up goes on when all the others had theirs.

        Raises as :meth:`cada`.
        """
        hechas = 0
        for clave in self.siguientes(filas, limite):
            while hechas < porciones and _intentar(porcion, clave, que):
                hechas += 1
            if hechas >= porciones:
                # Those that were not looked at must not count as seen.
                break
        return hechas

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


def _intentar(hacer: Callable[[int], int], clave: int, que: str) -> int:
    try:
        return hacer(clave)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("%s %s", que, clave)
        return 0
