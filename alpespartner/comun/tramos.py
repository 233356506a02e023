"""Long work in slices, so that others have their turn."""

from __future__ import annotations

import time
from collections.abc import Callable


def por_tramos(tramo: Callable[[], bool], *, segundos: float, seguir: Callable[[], None]) -> None:
    """Call ``tramo``, a slice that says whether some are left, until none is or ``segundos`` have
    gone by; then ``seguir`` queues the rest."""
    hasta = time.monotonic() + segundos
    while tramo():
        if time.monotonic() > hasta:
            seguir()
            return
