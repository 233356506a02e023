"""A story for each test, with a clock and ids of its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.db import connection

from afiliados.claves import services as claves
from alpespartner.comun import cola, identificadores
from comisiones.pagos import barrido
from comisiones.pagos.conciliacion import extractos
from comisiones.presupuesto import services as presupuesto
from comisiones.revision import avance, en_masa, espera_sitio
from comisiones.revision import services as revision
from conversiones.campanas import services as campanas
from conversiones.ventas import devoluciones
from tests.comisiones.conftest import pasarela, por_porciones
from tests.relatos.hoja import Hoja
from tests.relatos.relato import INICIO, Relato, comparar

# Where sweeps of earlier tests left off.
RONDAS = (
    barrido._LISTOS, barrido._COLGADOS, barrido._GRUPOS, extractos._PARADOS, avance._PARADAS,
    en_masa._VIEJAS, revision._VACIAS, devoluciones._OLVIDADAS, campanas._VENCIDAS,
    presupuesto._NUEVOS, espera_sitio._CON_SITIO,
)  # fmt: skip

__all__ = ["pasarela", "por_porciones"]


@contextmanager
def _sin_orden() -> Iterator[None]:
    """What asks for no order gets it the other way round, so that nothing counts on the one in
    which a database happens to give it."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA reverse_unordered_selects = ON")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA reverse_unordered_selects = OFF")


@pytest.fixture
def relato(
    db: Any, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Relato]:
    """One that is compared with the file of its test's name when it ends."""
    cuenta = itertools.count(1)
    for ronda in RONDAS:
        monkeypatch.setattr(ronda, "_ultima", None)
    monkeypatch.setattr(identificadores, "ULID", lambda: f"{next(cuenta):026}")
    monkeypatch.setattr(
        identificadores,
        "uuid_utils",
        SimpleNamespace(uuid7=lambda: f"{next(cuenta):08x}-0000-7000-8000-000000000000"),
    )
    monkeypatch.setattr(
        claves,
        "secrets",
        SimpleNamespace(
            token_urlsafe=lambda _n: f"{next(cuenta):043}",
            token_hex=lambda _n: f"{next(cuenta):012}",
        ),
    )
    with _sin_orden(), time_machine.travel(INICIO, tick=False) as reloj:
        suyo = Relato(reloj)
        tareas = suyo.tareas
        monkeypatch.setattr(
            cola,
            "current_app",
            SimpleNamespace(
                send_task=lambda tarea, args, **_o: tareas.append((tarea, tuple(args)))
            ),
        )
        with connection.execute_wrapper(suyo.oir):
            yield suyo
        suyo.acabar()
    comparar(suyo.lineas, _fichero(request))


@pytest.fixture
def hoja(request: pytest.FixtureRequest) -> Iterator[Hoja]:
    """Lines that are compared with the file of the test's name when it ends."""
    suya = Hoja()
    yield suya
    comparar(suya.lineas, _fichero(request))


def _fichero(request: pytest.FixtureRequest) -> Path:
    return Path(__file__).parent / f"{request.node.name.removeprefix('test_')}.txt"
