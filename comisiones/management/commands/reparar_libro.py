"""``reparar_libro``: accept the entries that a wrong clock dated in a sealed day."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from alpespartner.comun.actores import sistema
from alpespartner.comun.errores import ErrorDominio
from comisiones.libro.cadena import tardios
from comisiones.libro.reparacion import aceptar_tardios


class Command(BaseCommand):
    """Without ``--motivo`` it only says which they are."""

    help = "Acepta los asientos con fecha de un día ya sellado, y lo deja escrito en el historial."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--motivo", default="", help="Por qué: queda en el historial.")
        parser.add_argument("--autor", default="", help="Quién lo decide, para el historial.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["motivo"]:
            hay = 0
            for sello, _pk, id_publico, _huella in tardios():
                hay += 1
                self.stdout.write(f"{id_publico} tiene fecha de {sello.dia:%Y-%m-%d}, ya sellado.")
            if hay:
                raise CommandError(f"{hay} asientos por aceptar: repite con --motivo y --autor.")
            self.stdout.write("Ningún asiento tiene fecha de un día sellado.")
            return
        if not options["autor"].strip():
            raise CommandError("Di quién lo decide con --autor.")
        try:
            hechos = aceptar_tardios(
                motivo=options["motivo"], actor=sistema(f"reparar_libro {options['autor']}"[:60])
            )
        except ErrorDominio as exc:
            raise CommandError(exc.mensaje) from None
        for id_publico in hechos:
            self.stdout.write(f"{id_publico} aceptado.")
        if not hechos:
            self.stdout.write("Ningún asiento tiene fecha de un día sellado.")
