"""``reconstruir``: make the figures anew from the events, archived ones too."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from comisiones.metricas.reconstruccion import reconstruir_de_eventos
from outbox.errores import ArchivoAlterado, ArchivoIncompleto


class Command(BaseCommand):
    """Everybody goes on meanwhile. What it says of a whole archive, the rows say too."""

    help = "Mide de nuevo las cifras del programa desde los eventos: los archivados y los demás."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            total = sum(reconstruir_de_eventos())
        except ArchivoIncompleto as exc:
            raise CommandError(
                f"Al archivo le faltan {exc} eventos purgados: usa reconstruir_metricas, que mide "
                "las filas."
            ) from None
        except ArchivoAlterado as exc:
            raise CommandError(f"El archivo no es el que se escribió: {exc}.") from None
        self.stdout.write(f"{total} eventos recorridos")
