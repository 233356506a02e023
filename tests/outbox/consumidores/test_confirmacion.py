"""The consumer that confirms deliveries."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from outbox.consumidores.confirmacion import CONFIRMACION
from outbox.models import EntregaConfirmada, OutboxEvent
from outbox.transportes.pulsar.suscripcion import Consumo
from tests.outbox.probeta import emitir

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _por_pulsar(settings: Any) -> None:
    """Events leave no pending row: the stream brings them."""
    settings.EVENTOS_TRANSPORTE = "pulsar"


def textos(*eventos: OutboxEvent) -> list[str]:
    return [evento.payload for evento in eventos]


@pytest.mark.parametrize(("milis", "retraso"), [(1500, 1500), (0, 0), (-500, 0)])
def test_confirmacion_mide_el_retraso(milis: int, retraso: int) -> None:
    """Once, whatever the clock of another machine says."""
    with time_machine.travel(timezone.now(), tick=False) as reloj:
        evento = emitir("af_1", "a")
        reloj.shift(timedelta(milliseconds=milis))
        consumo = Consumo(CONFIRMACION, threading.Event())
        consumo.manejar(textos(evento))
        consumo.manejar(textos(evento))
    confirmada = EntregaConfirmada.objects.get()
    assert (confirmada.evento_id, confirmada.retraso_ms) == (evento.evento_id, retraso)


def test_se_confirma_donde_viaja() -> None:
    """By the stream, and published by hand; the embedded relay has its table."""
    assert CONFIRMACION.transportes == {"pulsar", "manual"}
    assert CONFIRMACION.quiere("PagoEnviado")
