"""``trabajar``: relay, consumers, task worker and its clock in one process."""

from __future__ import annotations

import signal
from typing import Any

from django.core.management.base import BaseCommand

from alpespartner.operacion.trabajador import Trabajador


class Command(BaseCommand):
    """The embedded counterpart of Debezium, Pulsar, the consumers and a Celery worker."""

    help = "Entrega los eventos y ejecuta las tareas del modo embebido, hasta SIGTERM."

    def handle(self, *args: Any, **options: Any) -> None:
        trabajador = Trabajador()
        for senal in (signal.SIGTERM, signal.SIGINT):
            signal.signal(senal, lambda *_: trabajador.pedir_parada())
        trabajador.empezar()
        trabajador.esperar()
        trabajador.acabar()
