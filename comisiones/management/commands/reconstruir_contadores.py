"""``reconstruir_contadores``: make the counters anew from the rows."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from comisiones.contadores.reconstruccion import reconstruir
from comisiones.contadores.tablas import TABLAS


class Command(BaseCommand):
    """Everybody goes on meanwhile; one that was interrupted goes on where it was."""

    help = "Cuenta de nuevo comisiones y ventas para las cuentas y sumas del panel."

    def handle(self, *args: Any, **options: Any) -> None:
        columnas = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columnas, console=Console(stderr=True)) as barra:
            tareas = {
                tabla.nombre: barra.add_task(
                    str(tabla.modelo._meta.verbose_name_plural),
                    total=tabla.modelo._default_manager.count(),
                )
                for tabla in TABLAS
            }
            total = 0
            for tabla, contadas in reconstruir():
                barra.advance(tareas[tabla.nombre], contadas)
                total += contadas
        self.stdout.write(f"{total} filas contadas")
