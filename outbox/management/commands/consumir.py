"""``consumir``: deliver committed events to one consumer, or to all of them."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from outbox.consumo import CONSUMIDORES, Consumidor
from outbox.transportes.embebido import atender, drenar


class Command(BaseCommand):
    """From Pulsar, or from the database in the embedded mode; until SIGTERM or Ctrl-C."""

    help = "Entrega los eventos confirmados a los consumidores (todos, o el que se nombre)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("nombre", nargs="?", help="consumidor; sin nombre, todos")
        parser.add_argument(
            "--una-vez", action="store_true", help="modo embebido: termina al vaciar la cola"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        nombre = options["nombre"]
        if nombre and nombre not in CONSUMIDORES:
            raise CommandError(
                f"No hay un consumidor «{nombre}». Hay: {', '.join(sorted(CONSUMIDORES))}."
            )
        elegidos = [CONSUMIDORES[nombre]] if nombre else list(CONSUMIDORES.values())
        embebido = settings.EVENTOS_TRANSPORTE == "embebido"
        if options["una_vez"]:
            if not embebido:
                raise CommandError("--una-vez es del modo embebido: Pulsar no se vacía.")
            self.stdout.write(f"{drenar(elegidos)} entregas")
            return
        self._hasta_que_se_pare(elegidos, atender if embebido else _desde_pulsar)

    def _hasta_que_se_pare(
        self, elegidos: list[Consumidor], correr: Callable[[Consumidor, threading.Event], None]
    ) -> None:
        parar = threading.Event()
        for senal in (signal.SIGTERM, signal.SIGINT):
            signal.signal(senal, lambda *_: parar.set())
        fallos: list[BaseException] = []

        def hilo_de(consumidor: Consumidor) -> None:
            try:
                correr(consumidor, parar)
            except BaseException as exc:
                # One consumer down stops the process: whoever supervises it starts all again.
                fallos.append(exc)
                parar.set()

        hilos = [threading.Thread(target=hilo_de, args=(c,), name=c.nombre) for c in elegidos]
        for hilo in hilos:
            hilo.start()
        for hilo in hilos:
            hilo.join()
        if fallos:
            raise CommandError(f"El consumidor se detuvo: {type(fallos[0]).__name__}: {fallos[0]}")


def _desde_pulsar(consumidor: Consumidor, parar: threading.Event) -> None:
    # Only here: the embedded mode does without the client library.
    from outbox.transportes.pulsar.suscripcion import Consumo

    Consumo(consumidor, parar).correr()
