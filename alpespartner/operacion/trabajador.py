"""Relay, consumers, task worker and its clock as threads of one process: the embedded counterpart
of Debezium, Pulsar, the consumers and a Celery worker."""

from __future__ import annotations

import threading

from celery.beat import EmbeddedService

from alpespartner.celery import app
from outbox.consumo import CONSUMIDORES
from outbox.transportes.embebido import atender
from outbox.webhooks.envio import atender as enviar_webhooks


class Trabajador:
    """Started once; what a stop interrupts is resumed from the database."""

    def __init__(self) -> None:
        self._parar = threading.Event()
        app.loader.init_worker()
        self._tareas = app.WorkController(
            pool_cls="solo",
            concurrency=1,
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
        )
        # In memory: the schedule starts afresh with the process.
        self._reloj = EmbeddedService(app, thread=True, scheduler_cls="celery.beat:Scheduler")
        self._hilos = [
            threading.Thread(target=atender, args=(consumidor, self._parar), name=consumidor.nombre)
            for consumidor in CONSUMIDORES.values()
        ]
        # Not a task here: the only worker would wait for other people's servers.
        self._hilos.append(
            threading.Thread(target=enviar_webhooks, args=(self._parar,), name="envios")
        )

    def empezar(self) -> None:
        """Start all of it."""
        for hilo in self._hilos:
            hilo.start()
        # Daemons, unlike the others.
        threading.Thread(target=self._tareas.start, name="tareas", daemon=True).start()
        self._reloj.daemon = True
        self._reloj.start()

    def esperar(self) -> None:
        """Until somebody asks it to stop."""
        self._parar.wait()

    def pedir_parada(self) -> None:
        """Ask it to stop: also from a signal."""
        self._parar.set()

    def acabar(self) -> None:
        """Stop, once each has finished what it had in hand."""
        self._parar.set()
        self._reloj.service.stop(wait=False)
        for hilo in self._hilos:
            hilo.join()
        self._tareas.stop()
