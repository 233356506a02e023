"""Queueing tasks by their name, so that no service imports a task; only keys travel.

The database is the queue of record: what gets lost here, a sweeper queues again.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from alpespartner.comun.peticion import HILO, id_de_peticion

COLAS = ("celery", "webhooks")
# What the broker calls the lists of one queue, each of some priorities.
_PRIORIDADES = ("", "\x06\x163", "\x06\x166", "\x06\x169")
# Longer than this, in seconds, nobody waits to know how many there are.
_PLAZO = 0.5


def encolar(tarea: str, *claves: int, caduca: int | None = None) -> None:
    """Queue a task when the transaction commits, or now outside of one.

    ``caduca``: the seconds after which nobody needs it any more.
    """
    cabeceras = _hilo()
    # Robust: a broker that is down must not look like a failed transaction.
    transaction.on_commit(
        lambda: current_app.send_task(tarea, claves, expires=caduca, headers=cabeceras),
        robust=True,
    )


def encolar_cada(tarea: str, claves: Iterable[int]) -> None:
    """Queue a task for each key when the transaction commits."""
    cabeceras = _hilo()

    def enviar() -> None:
        for clave in claves:
            current_app.send_task(tarea, (clave,), headers=cabeceras)

    transaction.on_commit(enviar, robust=True)


def _hilo() -> dict[str, Any]:
    """What a task is told of who queued it: the commit comes when that is over."""
    uno = id_de_peticion()
    return {HILO: uno} if uno else {}


@cache
def _redis(url: str) -> Redis:
    return Redis.from_url(
        url, socket_timeout=_PLAZO, socket_connect_timeout=_PLAZO, retry=Retry(NoBackoff(), 0)
    )


def en_espera() -> dict[str, int] | None:
    """Tasks that wait in each queue; None when they are in the memory of who does them. Raises
    RedisError."""
    url = settings.CELERY_BROKER_URL
    if url.startswith("memory:"):
        return None
    with _redis(url).pipeline(transaction=False) as pedidos:
        for cola in COLAS:
            for prioridad in _PRIORIDADES:
                pedidos.llen(cola + prioridad)
        largos = pedidos.execute()
    n = len(_PRIORIDADES)
    return {cola: sum(largos[i * n : (i + 1) * n]) for i, cola in enumerate(COLAS)}
