"""What to do when the database undoes a transaction so that another can go on."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, connection

T = TypeVar("T")

_INTENTOS = 3
_INTERBLOQUEO = 1213
# MySQL: deadlock, lock wait timeout, and the ways in which a connection is lost.
_PASAJEROS = frozenset({_INTERBLOQUEO, 1205, 2002, 2003, 2006, 2013})


def es_pasajero(exc: OperationalError) -> bool:
    """Whether the same request may well succeed in a moment; nothing of it was written."""
    return _codigo(exc) in _PASAJEROS or "database is locked" in str(exc)


def reintentar(hacer: Callable[[], T]) -> T:
    """Call ``hacer``, whose effects are one transaction, again when it lost a deadlock.

    Inside somebody's transaction there is no second try: all of it was undone.
    """
    for intento in range(1, _INTENTOS + 1):
        try:
            return hacer()
        except OperationalError as exc:
            ultimo = intento == _INTENTOS or connection.in_atomic_block
            if ultimo or _codigo(exc) != _INTERBLOQUEO:
                raise
            # Two that met once should not meet again.
            time.sleep(random.uniform(0, 0.02) * intento)  # noqa: S311 - no secret
    raise AssertionError("inalcanzable")


def _codigo(exc: OperationalError) -> object:
    return exc.args[0] if exc.args else None
