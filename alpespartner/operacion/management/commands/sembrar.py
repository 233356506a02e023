"""``sembrar``: fill the database with made-up affiliates and conversions."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from alpespartner.comun.errores import ErrorDominio
from alpespartner.operacion.siembra import Avance, sembrar


class Command(BaseCommand):
    """The same seed gives the same data; an interrupted run goes on where it stopped."""

    help = "Registra afiliados y conversiones inventados, con su avance."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--afiliados", type=int, default=50)
        parser.add_argument("--conversiones", type=int, default=1_000)
        parser.add_argument("--semilla", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["afiliados"] < 1 or options["conversiones"] < 0:
            raise CommandError("Hace falta al menos un afiliado y ninguna cantidad negativa.")
        columnas = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columnas, console=Console(stderr=True)) as barra:
            tareas: dict[str, Any] = {}

            def avisar(avance: Avance) -> None:
                if avance.paso not in tareas:
                    tareas[avance.paso] = barra.add_task(avance.paso, total=avance.total)
                barra.update(tareas[avance.paso], completed=avance.llevan)

            try:
                nuevos, nuevas = sembrar(
                    afiliados=options["afiliados"],
                    conversiones=options["conversiones"],
                    semilla=options["semilla"],
                    avisar=avisar,
                )
            except ErrorDominio as exc:
                raise CommandError(exc.mensaje) from None
        self.stdout.write(f"{nuevos} afiliados y {nuevas} conversiones nuevas")
