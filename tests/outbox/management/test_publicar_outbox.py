"""``publicar_outbox``: until nothing is left, or until it is told to stop."""

from __future__ import annotations

import io
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from outbox.errores import PublicacionFallida
from outbox.management.commands import publicar_outbox
from outbox.models import EntregaPendiente, OutboxEvent
from outbox.tasks import canario
from tests.outbox.probeta import emitir

pytestmark = pytest.mark.django_db


class Flujo:
    """A stream that notes what it takes, and does something each time that it is asked."""

    def __init__(self) -> None:
        self.tandas: list[list[str]] = []
        self.senales: dict[int, Callable[..., None]] = {}
        self.antes: Callable[[], None] = lambda: None

    def publicar(self, eventos: Iterable[OutboxEvent]) -> None:
        self.antes()
        self.tandas.append([evento.aggregateid for evento in eventos])


@pytest.fixture
def flujo(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Flujo:
    settings.EVENTOS_TRANSPORTE = "manual"
    settings.RELEVO_PAUSA = 0
    suyo = Flujo()

    @contextmanager
    def publicador() -> Iterator[Flujo]:
        yield suyo

    monkeypatch.setattr(publicar_outbox, "publicador", publicador)
    monkeypatch.setattr(publicar_outbox.signal, "signal", suyo.senales.__setitem__)
    return suyo


def dicho(*opciones: str) -> str:
    salida = io.StringIO()
    call_command("publicar_outbox", *opciones, stdout=salida)
    return salida.getvalue()


def test_hasta_que_no_queda_ninguna(flujo: Flujo) -> None:
    for n in range(5):
        emitir(f"af_{n}", "e")
    assert dicho("--simular") == "5 filas por publicar\n"
    assert dicho("--lote", "2") == "5 filas publicadas\n"
    assert flujo.tandas == [["af_0", "af_1"], ["af_2", "af_3"], ["af_4"]]
    assert not EntregaPendiente.objects.exists()
    assert dicho() == "0 filas publicadas\n"
    with pytest.raises(CommandError, match="mayor que cero"):
        dicho("--lote", "0")
    assert dicho("--lote", "1") == "0 filas publicadas\n"


@pytest.mark.parametrize("senal", [signal.SIGTERM, signal.SIGINT])
def test_sin_fin(flujo: Flujo, monkeypatch: pytest.MonkeyPatch, senal: int) -> None:
    """What comes while there is nothing, too; a signal lets it end what it has begun."""
    emitir("af_1", "e")
    publicar, vacias = publicar_outbox.publicar_pendientes, list[int]()

    def y_llega_otra(salida: Any, lote: int) -> int:
        hechas = publicar(salida, lote)
        if not hechas:
            vacias.append(lote)
            if len(vacias) == 1:
                emitir("af_2", "e")
            else:
                flujo.senales[senal](senal, None)
        return hechas

    monkeypatch.setattr(publicar_outbox, "publicar_pendientes", y_llega_otra)
    assert dicho("--continuo") == "Publicando; Ctrl-C para terminar.\n2 filas publicadas\n"
    assert flujo.tandas == [["af_1"], ["af_2"]]
    assert vacias == [500, 500]


def test_si_el_flujo_no_las_guarda_se_dice(flujo: Flujo) -> None:
    """And they stay."""

    def rechazar() -> None:
        raise PublicacionFallida("Pulsar rechazó 1 mensajes")

    emitir("af_1", "e")
    flujo.antes = rechazar
    with pytest.raises(CommandError, match="rechazó 1"):
        dicho()
    assert EntregaPendiente.objects.count() == 1


@pytest.mark.parametrize(("transporte", "canarios"), [("embebido", 0), ("manual", 1)])
def test_el_canario(flujo: Flujo, settings: Any, transporte: str, canarios: int) -> None:
    """Only a stream needs one."""
    settings.EVENTOS_TRANSPORTE = transporte
    canario()
    assert OutboxEvent.objects.filter(type="CanarioEmitido").count() == canarios
