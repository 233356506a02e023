"""Queueing tasks by their name, so that no service imports a task; only keys travel.

The database is the queue of record: what gets lost here, a sweeper queues again.
"""

from __future__ import annotations

from collections.abc import Iterable

from celery import current_app
from django.db import transaction


def encolar(tarea: str, *claves: int, caduca: int | None = None) -> None:
    """Queue a task when the transaction commits, or now outside of one.

    ``caduca``: the seconds after which nobody needs it any more.
    """
    # Robust: a broker that is down must not look like a failed transaction.
    transaction.on_commit(lambda: current_app.send_task(tarea, claves, expires=caduca), robust=True)


def encolar_cada(tarea: str, claves: Iterable[int]) -> None:
    """Queue a task for each key when the transaction commits."""

    def enviar() -> None:
        for clave in claves:
            current_app.send_task(tarea, (clave,))

    transaction.on_commit(enviar, robust=True)
