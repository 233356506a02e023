"""``trabajar``: relay, consumers, task worker and its clock in one process."""

from __future__ import annotations

import signal
import threading
from typing import Any

from celery.beat import EmbeddedService
from django.core.management.base import BaseCommand

from alpespartner.celery import app
from outbox.consumo import CONSUMIDORES
from outbox.transportes.embebido import atender
from outbox.webhooks.envio import atender as enviar_webhooks


class Command(BaseCommand):
    """The embedded counterpart of Debezium, Pulsar, the consumers and a Celery worker."""

    help = "Entrega los eventos y ejecuta las tareas del modo embebido, hasta SIGTERM."

    def handle(self, *args: Any, **options: Any) -> None:
        parar = threading.Event()
        for senal in (signal.SIGTERM, signal.SIGINT):
            signal.signal(senal, lambda *_: parar.set())
        app.loader.init_worker()
        trabajador = app.WorkController(
            pool_cls="solo",
            concurrency=1,
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
        )
        # In memory: the schedule starts afresh with the process.
        reloj = EmbeddedService(app, thread=True, scheduler_cls="celery.beat:Scheduler")
        hilos = [
            threading.Thread(target=atender, args=(consumidor, parar), name=consumidor.nombre)
            for consumidor in CONSUMIDORES.values()
        ]
        # Not a task here: the only worker would wait for other people's servers.
        hilos.append(threading.Thread(target=enviar_webhooks, args=(parar,), name="envios"))
        for hilo in hilos:
            hilo.start()
        # Daemons: what a stop interrupts is resumed from the database.
        threading.Thread(target=trabajador.start, name="tareas", daemon=True).start()
        reloj.daemon = True
        reloj.start()
        parar.wait()
        reloj.service.stop(wait=False)
        for hilo in hilos:
            hilo.join()
        trabajador.stop()
