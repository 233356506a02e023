"""``demo``: prepare the demo programme of a site that others serve, and print how to enter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from alpespartner.operacion.demo import preparar_demo
from alpespartner.operacion.errores import DemoImposible
from alpespartner.operacion.presentacion import presentar
from alpespartner.operacion.pruebas.demo import dar_a_conocer


class Command(BaseCommand):
    """Needs ``ALPES_DEMO=1``; run again, it changes nothing."""

    help = "Prepara el programa de demostración e imprime direcciones, usuario y claves."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", default="http://localhost:8000", help="dónde está el sitio")
        parser.add_argument("--parar", default="make stack-down", help="con qué se para")

    def handle(self, *args: Any, **options: Any) -> None:
        demo = None
        if settings.DEMO:
            try:
                demo = preparar_demo(archivo=Path(settings.DEMO_ARCHIVO), base_url=options["url"])
            except DemoImposible as exc:
                raise CommandError(str(exc)) from None
            dar_a_conocer(demo["claves"]["prueba"])
        presentar(Console(stderr=True), options["url"], demo, f"{options['parar']} lo para todo")
