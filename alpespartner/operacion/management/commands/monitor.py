"""``monitor``: whether the programme is well, in a terminal, as lines of a log, or once as JSON."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections
from django.utils.translation import gettext as _
from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from alpespartner.operacion.monitor import vista
from alpespartner.operacion.monitor.lectura import Lectura, leer

_BARRAS = "▁▂▃▄▅▆▇█"
# How many readings back the small charts go.
_PUNTOS = 40


class Command(BaseCommand):
    """Reads the same as the page of the admin, with Ctrl-C to leave."""

    help = "Muestra cómo está todo: eventos, suscripciones, tareas, pagos, disco y alertas."

    def add_arguments(self, parser: CommandParser) -> None:
        como = parser.add_mutually_exclusive_group()
        como.add_argument("--registro", action="store_true", help="una línea cada vez")
        como.add_argument("--json", action="store_true", help="una vez, para otros programas")
        parser.add_argument("--cada", type=int, default=2, help="segundos entre lecturas")
        parser.add_argument("--veces", type=int, default=0, help="cuántas lecturas; 0: sin fin")

    def handle(self, *args: Any, cada: int, veces: int, **options: Any) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(leer().como_json(), ensure_ascii=False, indent=2))
            return
        with _hasta_ctrl_c() as parar, suppress(KeyboardInterrupt):
            lecturas = _cada(max(1, cada), veces or sys.maxsize, parar)
            if options["registro"]:
                for lectura in lecturas:
                    self.stdout.write(linea(lectura))
                    self.stdout.flush()
                return
            historia: dict[str, deque[int]] = {}
            with Live(console=Console(), auto_refresh=False) as viva:
                for lectura in lecturas:
                    viva.update(pantalla(lectura, historia), refresh=True)


@contextmanager
def _hasta_ctrl_c() -> Iterator[threading.Event]:
    """Set by Ctrl-C, which ends it after the reading that is going on; another one ends it at once.

    As an exception it may come where somebody drops those, such as a finalizer, and be lost.
    """
    parar = threading.Event()

    def dejarlo(senal: int, _marco: object) -> None:
        if parar.is_set():
            raise KeyboardInterrupt
        parar.set()

    antes = signal.signal(signal.SIGINT, dejarlo)
    try:
        yield parar
    finally:
        signal.signal(signal.SIGINT, antes)


def _cada(segundos: int, veces: int, parar: threading.Event) -> Iterator[Lectura]:
    for vez in range(veces):
        if parar.wait(segundos if vez else 0):
            return
        lectura = leer()
        if lectura.fallos:
            # A database that was away gets another connection when it is back.
            close_old_connections()
        yield lectura


def linea(lectura: Lectura) -> str:
    """A reading in one line, ``name=value``: what is wrong comes last."""
    partes = [lectura.en.isoformat(timespec="seconds")]
    for parte, datos in lectura.partes.items():
        if parte == "suscripciones":
            partes += [f"atraso.{nombre}={suya['atraso']}" for nombre, suya in datos.items()]
        else:
            partes += [
                f"{parte}.{que}={valor}"
                for que, valor in datos.items()
                if isinstance(valor, int | str) or hasattr(valor, "real")
            ]
    partes += [f"{parte}=no_contesta" for parte in lectura.fallos]
    mal = [f"«{dicho.titulo}»" for dicho in vista.avisos(lectura)]
    return " ".join(partes) + (" MAL: " + ", ".join(mal) if mal else "")


def pantalla(lectura: Lectura, historia: dict[str, deque[int]]) -> Group:
    """A reading as the screen shows it; ``historia`` keeps what the small charts draw."""
    tabla = Table.grid(padding=(0, 2))
    for cifra in vista.cifras(lectura):
        tabla.add_row(
            cifra.titulo, Text(cifra.valor, style="bold red" if cifra.mal else "bold"),
            Text(cifra.nota, style="dim"),
        )  # fmt: skip
    suscripciones = Table(box=None)
    suscripciones.add_column(_("Suscripción"))
    for titulo in (_("Atraso"), _("Procesos")):
        suscripciones.add_column(titulo, justify="right")
    suscripciones.add_column("")
    for nombre, atraso, lectores, lejos in vista.suscripciones(lectura):
        visto = historia.setdefault(nombre, deque(maxlen=_PUNTOS))
        visto.append(lectura.partes["suscripciones"][nombre]["atraso"])
        suscripciones.add_row(
            nombre, Text(atraso, style="bold red" if lejos else ""), lectores, barras(visto)
        )
    avisos = [
        Text.assemble((dicho.titulo, "bold red"), f". {dicho.detalle}\n{dicho.que_hacer}")
        for dicho in vista.avisos(lectura)
    ] or [Text(_("Todo bien: nada pide que alguien haga algo."), style="green")]
    pie = f"{lectura.en:%H:%M:%S} UTC · {lectura.transporte} · Ctrl-C"
    return Group(
        Panel(Group(*avisos), title="AlpesPartner", subtitle=pie), tabla, "", suscripciones
    )


def barras(valores: deque[int]) -> str:
    """Numbers as a row of small bars."""
    techo = max(valores, default=0) or 1
    return "".join(_BARRAS[min(7, valor * 7 // techo)] for valor in valores)
