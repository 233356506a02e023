"""``atribuir``: who would have been credited with the sales of a file."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from alpespartner.comun.documentos.errores import ErrorDeFichero
from conversiones.atribucion import Informe
from conversiones.fuentes.atribuir import atribuir

MAXIMO_DIAS = 3650


class Command(BaseCommand):
    """Totals per currency as JSON on stdout, progress on stderr; exit 2 names the bad line."""

    help = "Atribuye las ventas de un CSV por los clics de otro, sin base de datos."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--clics", type=Path, required=True, metavar="clics.csv")
        parser.add_argument("--ventas", type=Path, required=True, metavar="ventas.csv")
        parser.add_argument("--modelo", choices=[str(m) for m in Informe], default="ultimo")
        parser.add_argument("--ventana-dias", type=_dias, default=timedelta(days=30), metavar="N")
        parser.add_argument("--salida", type=Path, required=True, metavar="salida.csv")

    def handle(self, *args: Any, **options: Any) -> None:
        columnas = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:,} ventas"),
            TimeElapsedColumn(),
        )
        try:
            with Progress(*columnas, console=Console(file=sys.stderr), transient=True) as barra:
                tarea = barra.add_task("Atribuyendo", total=None)
                hecho = atribuir(
                    options["clics"],
                    options["ventas"],
                    options["salida"],
                    modelo=Informe(options["modelo"]),
                    ventana=options["ventana_dias"],
                    progreso=lambda n: barra.update(tarea, completed=n),
                )
        except ErrorDeFichero as exc:
            raise CommandError(str(exc), returncode=2) from None
        except OSError as exc:
            raise CommandError(f"{exc.filename}: {exc.strerror}", returncode=2) from None
        self.stdout.write(json.dumps(hecho, ensure_ascii=False))


def _dias(valor: str) -> timedelta:
    if not (valor.isascii() and valor.isdigit() and int(valor[:5]) <= MAXIMO_DIAS):
        raise ArgumentTypeError(f"debe ser un número entero de 0 a {MAXIMO_DIAS}.")
    return timedelta(days=int(valor))
