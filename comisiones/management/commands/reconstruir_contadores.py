"""``reconstruir_contadores``: make the counters anew from the rows."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from alpespartner.comun.consola import barra_de_avance
from comisiones.contadores.libro import TABLAS
from comisiones.contadores.reconstruccion import reconstruir


class Command(BaseCommand):
    """Everybody goes on meanwhile; one that was interrupted goes on where it was."""

    help = "Cuenta de nuevo comisiones, ventas y lo que dice el libro, para las cifras del panel."

    def handle(self, *args: Any, **options: Any) -> None:
        with barra_de_avance() as barra:
            tareas = {
                tabla.nombre: barra.add_task(
                    str(tabla.modelo._meta.verbose_name_plural),
                    total=tabla.filas().count(),
                )
                for tabla in TABLAS
            }
            total = 0
            for tabla, contadas in reconstruir():
                barra.advance(tareas[tabla.nombre], contadas)
                total += contadas
        self.stdout.write(f"{total} filas contadas")
