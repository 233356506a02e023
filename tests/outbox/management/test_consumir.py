"""``consumir``: each consumer in its thread, until it is told to stop or one of them fails."""

from __future__ import annotations

import io
import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from outbox.consumo import CONSUMIDORES, Consumidor
from outbox.management.commands import consumir
from tests.outbox.probeta import Probeta, emitir

Correr = Callable[[Consumidor, threading.Event], None]


@pytest.fixture
def manejadores(monkeypatch: pytest.MonkeyPatch) -> dict[int, Callable[..., None]]:
    """Two consumers, and what the command does with each signal."""
    for nombre in list(CONSUMIDORES):
        monkeypatch.delitem(CONSUMIDORES, nombre)
    for nombre in ("uno", "otro"):
        consumidor = Consumidor(nombre, frozenset(), lambda _sobres: None)
        monkeypatch.setitem(CONSUMIDORES, nombre, consumidor)
    puestos: dict[int, Callable[..., None]] = {}
    monkeypatch.setattr(consumir.signal, "signal", puestos.__setitem__)
    return puestos


@pytest.mark.parametrize("senal", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize(("nombre", "son"), [([], {"uno", "otro"}), (["uno"], {"uno"})])
@pytest.mark.parametrize("transporte", ["embebido", "pulsar"])
def test_hasta_que_se_pare(
    manejadores: dict[int, Callable[..., None]], monkeypatch: pytest.MonkeyPatch, settings: Any,
    senal: int, nombre: list[str], son: set[str], transporte: str,
) -> None:  # fmt: skip
    """From where its transport says; a signal lets each one end what it has begun."""
    settings.EVENTOS_TRANSPORTE = transporte
    corren: set[str] = set()
    ya = threading.Barrier(len(son))

    def correr(consumidor: Consumidor, parar: threading.Event) -> None:
        corren.add(consumidor.nombre)
        if not ya.wait(10):
            manejadores[senal](senal, None)
        assert parar.wait(10)

    este, ajeno = ("atender", "_desde_pulsar")[:: 1 if transporte == "embebido" else -1]
    monkeypatch.setattr(consumir, este, correr)
    monkeypatch.setattr(consumir, ajeno, None)
    call_command("consumir", *nombre)
    assert corren == son


def test_uno_que_falla_para_a_todos(
    manejadores: dict[int, Callable[..., None]], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """Whoever supervises the process starts all of them again."""
    settings.EVENTOS_TRANSPORTE = "embebido"

    def correr(consumidor: Consumidor, parar: threading.Event) -> None:
        if consumidor.nombre == "uno":
            raise ValueError("roto")
        assert parar.wait(10)

    monkeypatch.setattr(consumir, "atender", correr)
    with pytest.raises(CommandError, match="se detuvo: ValueError: roto"):
        call_command("consumir")


@pytest.mark.django_db
def test_una_vez(probeta: Probeta, settings: Any) -> None:
    """It ends when nothing is left; Pulsar never ends."""
    settings.EVENTOS_TRANSPORTE = "embebido"
    emitir("af_1", "a")
    emitir("af_2", "b")
    salida = io.StringIO()
    call_command("consumir", "probeta", "--una-vez", stdout=salida)
    assert (salida.getvalue(), probeta.efectos()) == ("2 entregas\n", ["a", "b"])
    with pytest.raises(CommandError, match=r"No hay un consumidor «x». Hay: probeta\."):
        call_command("consumir", "x")
    settings.EVENTOS_TRANSPORTE = "pulsar"
    with pytest.raises(CommandError, match="embebido"):
        call_command("consumir", "--una-vez")
