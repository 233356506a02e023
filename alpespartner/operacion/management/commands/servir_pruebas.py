"""``servir_pruebas``: the sandbox, all of it in one process besides the one that watches it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from alpespartner.operacion.errores import PruebasImposibles
from alpespartner.operacion.pruebas.demo import poner_clave_de_la_demo
from alpespartner.operacion.pruebas.programa import preparar_pruebas


class Command(BaseCommand):
    """Migrate, make its programme and serve it to the live site."""

    help = (
        "Sirve el entorno de las claves de prueba (ap_test_…), hasta SIGTERM. Pide ALPES_PRUEBAS=1."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--escucha", default="127.0.0.1", help="dirección en la que se sirve")
        parser.add_argument("--puerto", type=int, default=8100)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.PRUEBAS:
            raise CommandError("Esta orden es del entorno de pruebas: ponle ALPES_PRUEBAS=1.")
        call_command("migrate", interactive=False, verbosity=0)
        try:
            preparar_pruebas()
        except PruebasImposibles as exc:
            raise CommandError(str(exc)) from None
        if settings.DEMO:
            poner_clave_de_la_demo(_de_la_demo())
        connections.close_all()
        direccion = f"{options['escucha']}:{options['puerto']}"
        # This process goes: gunicorn's own forks the one that works.
        os.execv(  # noqa: S606 - our own command line
            sys.executable,
            [
                sys.executable,
                *("-m", "gunicorn", "--config", "python:alpespartner.gunicorn_de_pruebas"),
                *("--bind", direccion),
            ],
        )


def _de_la_demo() -> str:
    try:
        return str(json.loads(Path(settings.DEMO_ARCHIVO).read_text())["claves"]["prueba"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
