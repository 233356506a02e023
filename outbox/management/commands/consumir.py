"""``consumir``: deliver committed events to one consumer, or to all of them."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from outbox.consumidores import CONSUMIDORES
from outbox.relevo import atender, drenar


class Command(BaseCommand):
    """Runs until SIGTERM or Ctrl-C, or with ``--una-vez`` until nothing is due."""

    help = "Entrega los eventos confirmados a los consumidores (todos, o el que se nombre)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("nombre", nargs="?", help="consumidor; sin nombre, todos")
        parser.add_argument("--una-vez", action="store_true", help="termina al vaciar la cola")

    def handle(self, *args: Any, **options: Any) -> None:
        nombre = options["nombre"]
        if nombre and nombre not in CONSUMIDORES:
            raise CommandError(
                f"No hay un consumidor «{nombre}». Hay: {', '.join(sorted(CONSUMIDORES))}."
            )
        elegidos = [CONSUMIDORES[nombre]] if nombre else list(CONSUMIDORES.values())
        if options["una_vez"]:
            self.stdout.write(f"{drenar(elegidos)} entregas")
            return
        parar = threading.Event()
        for senal in (signal.SIGTERM, signal.SIGINT):
            signal.signal(senal, lambda *_: parar.set())
        hilos = [threading.Thread(target=atender, args=(c, parar), name=c.nombre) for c in elegidos]
        for hilo in hilos:
            hilo.start()
        for hilo in hilos:
            hilo.join()
