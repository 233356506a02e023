"""``reconciliar_outbox``: committed events against what each subscription received."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from outbox.errores import PublicacionFallida
from outbox.reconciliacion import corte, reconciliar, reemitir


class Command(BaseCommand):
    """Exit 1 while an event is missing."""

    help = "Compara los eventos confirmados con lo que recibió o aparcó cada suscripción."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--segundos", type=float, help="edad desde la que un evento debería haber llegado"
        )
        parser.add_argument("--reemitir", action="store_true", help="publica de nuevo lo que falta")

    def handle(self, *args: Any, **options: Any) -> None:
        antes_de = corte(options["segundos"])
        faltan = 0
        for estado, ids in reconciliar(antes_de):
            faltan += estado.faltan
            self.stdout.write(
                f"{estado.suscripcion}: {estado.emitidos} emitidos, {estado.recibidos} recibidos, "
                f"{estado.en_espera} en espera, {estado.aparcados} aparcados, "
                f"{estado.faltan} faltan"
            )
            for evento_id in ids:
                self.stdout.write(f"    falta {evento_id}")
        if faltan and options["reemitir"]:
            try:
                self.stdout.write(f"{reemitir(antes_de)} eventos publicados de nuevo")
            except PublicacionFallida as exc:
                raise CommandError(str(exc)) from None
        elif faltan:
            raise CommandError(f"Faltan {faltan} entregas: repite con --reemitir.")
