"""``sembrar``: fill the database with made-up affiliates and conversions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from alpespartner.comun.consola import barra_de_avance
from alpespartner.comun.errores import ErrorDominio
from alpespartner.operacion.errores import SiembraImposible
from alpespartner.operacion.masiva import Tamano, sembrar_masivo
from alpespartner.operacion.siembra import Avance, sembrar


class Command(BaseCommand):
    """The same seed gives the same data; an interrupted run goes on where it stopped."""

    help = "Registra afiliados y conversiones inventados, con su avance."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--afiliados", type=int, default=50)
        parser.add_argument("--conversiones", type=int, default=1_000)
        parser.add_argument("--semilla", type=int, default=1)
        parser.add_argument(
            "--masivo",
            type=int,
            metavar="VENTAS",
            help="en una base sin ventas, esta cantidad de ellas con sus comisiones, libro, "
            "historial, pagos y eventos, en todos los estados",
        )
        parser.add_argument("--campanas", type=int, default=200, help="con --masivo: campañas")

    def handle(self, *args: Any, **options: Any) -> None:
        masivo = options["masivo"]
        if options["afiliados"] < 1 or options["conversiones"] < 0:
            raise CommandError("Hace falta al menos un afiliado y ninguna cantidad negativa.")
        if masivo is not None and (masivo < 1_000 or options["campanas"] < 1):
            raise CommandError("--masivo hace desde 1000 ventas, en al menos una campaña.")
        with barra_de_avance() as barra:
            tareas: dict[str, Any] = {}

            def avisar(avance: Avance) -> None:
                if avance.paso not in tareas:
                    tareas[avance.paso] = barra.add_task(avance.paso, total=avance.total)
                barra.update(tareas[avance.paso], completed=avance.llevan)

            try:
                self.stdout.write(self._sembrar(options, avisar))
            except ErrorDominio as exc:
                raise CommandError(exc.mensaje) from None
            except SiembraImposible as exc:
                raise CommandError(str(exc)) from None

    def _sembrar(self, options: dict[str, Any], avisar: Callable[[Avance], None]) -> str:
        afiliados, semilla = options["afiliados"], options["semilla"]
        if options["masivo"] is None:
            nuevos, nuevas = sembrar(
                afiliados=afiliados,
                conversiones=options["conversiones"],
                semilla=semilla,
                avisar=avisar,
            )
            return f"{nuevos} afiliados y {nuevas} conversiones nuevas"
        tamano = Tamano(options["masivo"], afiliados, options["campanas"])
        hechas = sembrar_masivo(tamano=tamano, semilla=semilla, avisar=avisar)
        return f"{hechas} conversiones, con lo que les pasó"
