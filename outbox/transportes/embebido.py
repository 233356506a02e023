"""Embedded relay: takes committed events to the consumers of this process group."""

from __future__ import annotations

import threading

from django.conf import settings
from django.db import DatabaseError, close_old_connections

from outbox.consumo import CONSUMIDORES, Consumidor
from outbox.entrega import TANDA, entregar, log


def drenar(consumidores: list[Consumidor] | None = None) -> int:
    """Deliver until nothing is due; returns how many deliveries were handled."""
    total = 0
    while True:
        vuelta = sum(entregar(c) for c in consumidores or list(CONSUMIDORES.values()))
        total += vuelta
        if not vuelta:
            return total


def atender(consumidor: Consumidor, parar: threading.Event) -> None:
    """Deliver to one consumer until ``parar`` is set, looking every ``RELEVO_PAUSA`` seconds."""
    while not parar.is_set():
        try:
            hechas = entregar(consumidor)
        except (DatabaseError, OSError):
            # A file that a consumer writes may be on a full disk, too.
            log.exception("%s: no se puede guardar nada; se reintenta", consumidor.nombre)
            close_old_connections()
            parar.wait(1)
            continue
        if hechas < TANDA:
            # Also after a few: gathering the next ones costs less than one transaction for each.
            parar.wait(settings.RELEVO_PAUSA)
