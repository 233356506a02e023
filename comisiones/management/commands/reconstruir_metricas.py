"""``reconstruir_metricas``: make the figures anew from the rows."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from alpespartner.comun.consola import barra_de_avance
from comisiones.metricas.medidas import MEDIBLES
from comisiones.metricas.reconstruccion import reconstruir


class Command(BaseCommand):
    """Everybody goes on meanwhile; one that was interrupted goes on where it was."""

    help = "Mide de nuevo ventas, comisiones y clics, para las cifras del programa."

    def handle(self, *args: Any, **options: Any) -> None:
        with barra_de_avance() as barra:
            tareas = {
                medible.nombre: barra.add_task(
                    str(medible.modelo._meta.verbose_name_plural),
                    total=medible.modelo._default_manager.count(),
                )
                for medible in MEDIBLES
            }
            total = 0
            for medible, medidas in reconstruir():
                barra.advance(tareas[medible.nombre], medidas)
                total += medidas
        self.stdout.write(f"{total} filas medidas")
