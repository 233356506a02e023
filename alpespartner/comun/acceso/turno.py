"""One password at a time: checking one costs a third of a second of processor on purpose.

Whatever number of people signs in at once, one core is left for everybody else, and one thread of
each process of the site.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from alpespartner.comun.acceso.errores import AccesoOcupado

ESPERA = 3.0
_en_este_proceso = threading.Lock()


@contextmanager
def turno_de_contrasena() -> Iterator[None]:
    """Hold the turn; raises :class:`AccesoOcupado` at once when this process has somebody in it, or
    when the others take too long."""
    if not _en_este_proceso.acquire(blocking=False):
        raise AccesoOcupado()
    try:
        # The kernel lets go of the lock of a process that dies.
        descriptor = os.open(settings.DATOS_DIR / "acceso-turno", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _esperar(descriptor)
            yield
        finally:
            os.close(descriptor)
    finally:
        _en_este_proceso.release()


def _esperar(descriptor: int) -> None:
    limite = time.monotonic() + ESPERA
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > limite:
                raise AccesoOcupado() from None
            time.sleep(0.02)
