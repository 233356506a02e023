"""``verificar``: check the invariants on live data."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from alpespartner.comun.db.instantanea import instantanea
from alpespartner.operacion.verificacion import comprobar
from comisiones.libro.models import SelloDiario


class Command(BaseCommand):
    """One line per check, the offending rows under it; exit 1 when one fails."""

    help = "Comprueba los invariantes y muestra las filas que los rompen."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--cadena",
            action="store_true",
            help="también los sellos diarios del libro: lo lee entero",
        )

    def handle(self, *args: Any, cadena: bool = False, **options: Any) -> None:
        with instantanea():
            falladas = self._comprobar(todas=cadena)
            ultimo = SelloDiario.objects.order_by("-dia").first() if cadena else None
        if ultimo is not None:
            self.stdout.write(f"Último sello: {ultimo.dia:%Y-%m-%d} {ultimo.sello}")
        if falladas:
            raise CommandError(f"{falladas} invariantes no se cumplen.")

    def _comprobar(self, *, todas: bool) -> int:
        falladas = 0
        for resultado in comprobar(todas=todas):
            nombre = resultado.comprobacion.nombre
            if not resultado.filas:
                self.stdout.write(f"{self.style.SUCCESS('bien ')} {nombre}")
                continue
            falladas += resultado.falla
            marca = self.style.ERROR("mal  ") if resultado.falla else self.style.WARNING("aviso")
            self.stdout.write(f"{marca} {nombre}")
            for fila in resultado.filas:
                self.stdout.write(f"        {fila}")
            if resultado.resto:
                self.stdout.write(f"        … y {resultado.resto} más")
        return falladas
