"""Long work in portions, so that others have their turn."""

from __future__ import annotations

import time
from collections.abc import Callable


def por_porciones(
    porcion: Callable[[], bool], *, segundos: float, seguir: Callable[[], None]
) -> None:
    """Call ``porcion``, which says whether some are left after it, until none is or ``segundos``
    have gone by; then ``seguir`` queues the rest."""
    hasta = time.monotonic() + segundos
    while porcion():
        if time.monotonic() > hasta:
            seguir()
            return
