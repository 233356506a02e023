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
from django.db import connection, connections

from alpespartner.operacion.errores import PruebasImposibles
from alpespartner.operacion.pruebas.demo import poner_clave_de_la_demo
from alpespartner.operacion.pruebas.programa import preparar_pruebas
from comisiones.libro import disparadores


class Command(BaseCommand):
    """Migrate, make its programme and serve it to the live site."""

    help = "Sirve el entorno de las claves de prueba (ap_test_…), hasta SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--bind", default="127.0.0.1:8100", help="dirección y puerto en los que se sirve"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.PRUEBAS:
            _otra_vez_en_pruebas()
        call_command("migrate", interactive=False, verbosity=0)
        # Who was killed while it emptied the sandbox left its ledger open.
        disparadores.crear(connection)
        try:
            preparar_pruebas()
        except PruebasImposibles as exc:
            raise CommandError(str(exc)) from None
        if settings.DEMO:
            poner_clave_de_la_demo(_de_la_demo())
        connections.close_all()
        # This process goes: gunicorn's own forks the one that works.
        _ser(
            "-m", "gunicorn", "--config", "python:alpespartner.gunicorn_de_pruebas",
            "--bind", options["bind"],
        )  # fmt: skip


def _otra_vez_en_pruebas() -> None:
    """These settings are the live site's: begin again as the sandbox, which is counted apart."""
    os.environ["ALPES_PRUEBAS"] = "1"
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)
    _ser(*sys.argv)


def _ser(*orden: str) -> None:
    os.execv(sys.executable, [sys.executable, *orden])  # noqa: S606 - our own command lines


def _de_la_demo() -> str:
    try:
        return str(json.loads(Path(settings.DEMO_ARCHIVO).read_text())["claves"]["prueba"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
