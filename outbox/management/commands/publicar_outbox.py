"""``publicar_outbox``: publish pending rows to Pulsar without Debezium."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from outbox.errores import PublicacionFallida
from outbox.transportes.manual import pendientes, publicar_pendientes
from outbox.transportes.pulsar.publicador import publicador


class Command(BaseCommand):
    """Needs ``ALPES_EVENTOS_TRANSPORTE=manual``; several may run at once."""

    help = "Publica en Pulsar las filas pendientes del outbox (el camino sin Debezium)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--lote", type=int, default=500, help="filas por vuelta")
        parser.add_argument("--simular", action="store_true", help="solo dice cuántas publicaría")
        parser.add_argument("--continuo", action="store_true", help="sigue hasta SIGTERM o Ctrl-C")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.EVENTOS_TRANSPORTE != "manual":
            raise CommandError(
                "Este camino es de ALPES_EVENTOS_TRANSPORTE=manual; ahora es "
                f"«{settings.EVENTOS_TRANSPORTE}»."
            )
        if options["lote"] < 1:
            raise CommandError("--lote es un número mayor que cero.")
        if options["simular"]:
            self.stdout.write(f"{pendientes()} filas por publicar")
            return
        parar = threading.Event()
        for senal in (signal.SIGTERM, signal.SIGINT):
            signal.signal(senal, lambda *_: parar.set())
        total = 0
        try:
            with publicador() as salida:
                if options["continuo"]:
                    self.stdout.write("Publicando; Ctrl-C para terminar.")
                    self.stdout.flush()
                while not parar.is_set():
                    publicadas = publicar_pendientes(salida, options["lote"])
                    total += publicadas
                    if publicadas:
                        continue
                    if not options["continuo"]:
                        break
                    parar.wait(settings.RELEVO_PAUSA)
        except PublicacionFallida as exc:
            raise CommandError(str(exc)) from None
        self.stdout.write(f"{total} filas publicadas")
