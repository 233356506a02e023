"""``verificar``: check the invariants on live data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from alpespartner.comun.db.instantanea import instantanea
from alpespartner.comun.invariantes import Comprobacion, comprobaciones
from comisiones.libro.models import SelloDiario

_MOSTRADAS = 20
# A row of nobody's service may have an id of any length.
_LARGO = 400


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
            falladas = self._comprobar([c for c in comprobaciones() if cadena or not c.a_peticion])
            ultimo = SelloDiario.objects.order_by("-dia").first() if cadena else None
        if ultimo is not None:
            self.stdout.write(f"Último sello: {ultimo.dia:%Y-%m-%d} {ultimo.sello}")
        if falladas:
            raise CommandError(f"{falladas} invariantes no se cumplen.")

    def _comprobar(self, comprobaciones: Sequence[Comprobacion]) -> int:
        falladas = 0
        for comprobacion in comprobaciones:
            filas = _seguras(comprobacion)
            malas = list(islice(filas, _MOSTRADAS))
            resto = sum(1 for _fila in filas)
            if not malas:
                self.stdout.write(f"{self.style.SUCCESS('bien ')} {comprobacion.nombre}")
                continue
            if comprobacion.aviso:
                marca = self.style.WARNING("aviso")
            else:
                falladas += 1
                marca = self.style.ERROR("mal  ")
            self.stdout.write(f"{marca} {comprobacion.nombre}")
            for fila in malas:
                self.stdout.write(f"        {fila[:_LARGO]}")
            if resto:
                self.stdout.write(f"        … y {resto} más")
        return falladas


def _seguras(comprobacion: Comprobacion) -> Iterator[str]:
    """Its rows; one that it cannot even read is one more, and the other checks are made."""
    try:
        yield from comprobacion.filas()
    except DatabaseError:
        raise
    except Exception as exc:
        yield f"no se pudo comprobar: {type(exc).__name__}: {exc}"
