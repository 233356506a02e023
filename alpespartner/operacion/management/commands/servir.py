"""``servir``: migrate, prepare the demo and serve everything with one command."""

from __future__ import annotations

import json
import os
import socket
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from rich.console import Console

from alpespartner.operacion.demo import preparar_demo
from alpespartner.operacion.grupo import Grupo, Parte
from alpespartner.operacion.presentacion import presentar
from alpespartner.operacion.pruebas.tablas import darle_tablas

_ESPERA_ARRANQUE = 30.0


class Command(BaseCommand):
    """Web server and worker as one group; Ctrl-C stops it."""

    help = "Prepara la base de datos y sirve el sitio, los eventos y las tareas."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--puerto", type=int, default=8000)
        parser.add_argument("--escucha", default="127.0.0.1", help="dirección en la que se sirve")
        parser.add_argument(
            "--sin-pruebas", action="store_true", help="sin el entorno de las claves de prueba"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        puerto, escucha = options["puerto"], options["escucha"]
        _exigir_puerto_libre(escucha, puerto)
        base_url = f"http://localhost:{puerto}"
        # Where the mails of what is started here lead.
        os.environ.setdefault("ALPES_URL", base_url)
        # One that is somewhere already is not ours to start.
        pruebas = None if options["sin_pruebas"] or settings.PRUEBAS_URL else _parte_de_pruebas()
        call_command("migrate", interactive=False, verbosity=0)
        if pruebas is not None:
            darle_tablas(datos=settings.DATOS_DIR)
        demo = None
        if settings.DEMO:
            archivo = Path(settings.DEMO_ARCHIVO)
            demo = preparar_demo(archivo=archivo, base_url=base_url)
        connections.close_all()
        consola = Console(stderr=True)
        grupo = Grupo(
            [
                Parte("trabajador", [sys.executable, "manage.py", "trabajar"]),
                Parte(
                    "web",
                    [
                        sys.executable,
                        *("-m", "gunicorn", "--config", "python:alpespartner.gunicorn"),
                        *("--bind", f"{escucha}:{puerto}"),
                    ],
                ),
            ],
            avisar=lambda texto: consola.print(f"[yellow]{texto}"),
        )

        def al_arrancar() -> None:
            if _esperar(f"http://{escucha}:{puerto}/health", grupo):
                presentar(consola, base_url, demo, "Ctrl-C lo para todo")
            # Whoever waits for the site does not wait for this.
            if pruebas is not None and not grupo.parando:
                grupo.sumar(pruebas)

        # Where all of them count, for `/metrics`: on memory, as gunicorn's settings say.
        memoria = Path("/dev/shm")  # noqa: S108
        with tempfile.TemporaryDirectory(
            prefix="alpes-medidas-", dir=memoria if memoria.is_dir() else None
        ) as carpeta:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = carpeta
            grupo.correr(al_arrancar)


def _exigir_puerto_libre(escucha: str, puerto: int) -> None:
    with socket.socket() as prueba:
        prueba.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            prueba.bind((escucha, puerto))
        except (OSError, OverflowError):
            raise CommandError(
                f"El puerto {puerto} está ocupado: para lo que lo usa o elige otro, "
                "por ejemplo `make run PORT=8001`."
            ) from None


def _parte_de_pruebas() -> Parte:
    """The sandbox, on a free port of this machine, which the web part is told of."""
    with socket.socket() as prueba:
        prueba.bind(("127.0.0.1", 0))
        puerto = prueba.getsockname()[1]
    os.environ["ALPES_PRUEBAS_URL"] = f"http://127.0.0.1:{puerto}"
    return Parte(
        "pruebas",
        [
            # It gives way to everybody else, and what it does is not counted with what is real.
            *("nice", "env", "--unset=PROMETHEUS_MULTIPROC_DIR", "ALPES_PRUEBAS=1"),
            *(sys.executable, "manage.py", "servir_pruebas", f"--bind=127.0.0.1:{puerto}"),
        ],
    )


def _esperar(url: str, grupo: Grupo) -> bool:
    limite = time.monotonic() + _ESPERA_ARRANQUE
    # Behind HTTPS the site redirects everything else, but not its health.
    while time.monotonic() < limite and not grupo.parando:
        try:
            with urllib.request.urlopen(url, timeout=2) as respuesta:  # noqa: S310 - our own URL
                return bool(json.load(respuesta)["estado"] == "ok")
        except (OSError, ValueError):
            time.sleep(0.1)
    return False
