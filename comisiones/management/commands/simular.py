"""``simular``: what a policy would have paid for a file of conversions."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from alpespartner.comun.documentos.errores import ErrorDeFichero
from comisiones.simulaciones.csv_salida import simular


class Command(BaseCommand):
    """Totals per currency as JSON on stdout, progress on stderr; exit 2 names the bad line."""

    help = "Simula una política sobre un CSV de conversiones, sin base de datos."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--politica", type=Path, required=True, metavar="politica.json")
        parser.add_argument("--conversiones", type=Path, required=True, metavar="archivo.csv")
        parser.add_argument("--salida", type=Path, required=True, metavar="salida.csv")

    def handle(self, *args: Any, **options: Any) -> None:
        consola = Console(file=sys.stderr)
        columnas = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:,} conversiones"),
            TimeElapsedColumn(),
        )
        try:
            with Progress(*columnas, console=consola, transient=True) as barra:
                tarea = barra.add_task("Simulando", total=None)
                totales = simular(
                    options["politica"],
                    options["conversiones"],
                    options["salida"],
                    progreso=lambda n: barra.update(tarea, completed=n),
                )
        except ErrorDeFichero as exc:
            raise CommandError(str(exc), returncode=2) from None
        except OSError as exc:
            raise CommandError(f"{exc.filename}: {exc.strerror}", returncode=2) from None
        self.stdout.write(json.dumps(totales, ensure_ascii=False))
