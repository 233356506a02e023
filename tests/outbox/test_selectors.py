"""Where an event is for each subscription that wants it, as the staff read it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from outbox.consumo import CONSUMIDORES, Consumidor
from outbox.entrega import reencolar
from outbox.models import (
    EntregaConfirmada,
    EntregaPendiente,
    EventoAparcado,
    EventoProcesado,
    OutboxEvent,
)
from outbox.selectors import Entrega, entregas_de, eventos_de
from tests.fabricas import PRUEBAS
from tests.outbox.probeta import Probeta, emitir

pytestmark = pytest.mark.django_db


@pytest.fixture
def evento(probeta: Probeta) -> OutboxEvent:
    return emitir("af_1", "e")


def fila(evento: OutboxEvent) -> Entrega:
    [una] = entregas_de(evento)
    return una


def test_en_camino(evento: OutboxEvent) -> None:
    assert fila(evento) == Entrega("probeta", "en_camino")
    EntregaPendiente.objects.all().delete()
    assert fila(evento) == Entrega("probeta", "en_camino")


@pytest.mark.parametrize(("despues", "retraso"), [(1234, 1234), (0, 0), (-500, 0)])
def test_recibido(evento: OutboxEvent, despues: int, retraso: int) -> None:
    """How long it took; clocks of two machines may differ, and no event comes before it is."""
    cuando = evento.created_at + timedelta(milliseconds=despues)
    EventoProcesado.objects.create(
        suscripcion="probeta", evento_id=evento.evento_id, procesado_en=cuando
    )
    EventoProcesado.objects.create(suscripcion="otra", evento_id=evento.evento_id)
    assert fila(evento) == Entrega("probeta", "recibido", cuando, retraso)


def test_reintentando_y_aparcado(evento: OutboxEvent) -> None:
    """With how many tries and the last error; once re-queued it is on its way again."""
    EntregaPendiente.objects.update(intentos=1, ultimo_error="uno")
    assert fila(evento) == Entrega("probeta", "reintentando", intentos=1, error="uno")
    EntregaPendiente.objects.all().delete()
    aparcado = EventoAparcado.objects.create(
        suscripcion="probeta", evento=evento, intentos=5, error="cinco"
    )
    assert fila(evento) == Entrega("probeta", "aparcado", intentos=5, error="cinco")
    assert fila(emitir("af_2", "f")) == Entrega("probeta", "en_camino"), "another one's"
    reencolar(aparcado=aparcado, actor=PRUEBAS)
    assert fila(evento) == Entrega("probeta", "en_camino")


def test_solo_quien_lo_quiere(evento: OutboxEvent, monkeypatch: pytest.MonkeyPatch) -> None:
    for nombre, tipo in (("suya", evento.type), ("ajena", "PagoEnviado")):
        monkeypatch.setitem(
            CONSUMIDORES, nombre, Consumidor(nombre, frozenset({tipo}), lambda _s: None)
        )
    assert [una.suscripcion for una in entregas_de(evento)] == ["probeta", "suya"]


@pytest.mark.parametrize("transporte", ["pulsar", "manual"])
def test_entregado_es_lo_que_volvio(probeta: Probeta, settings: Any, transporte: str) -> None:
    """Through a stream, whatever waits here."""
    settings.EVENTOS_TRANSPORTE = transporte
    eventos = [emitir("af_1", nombre) for nombre in "ab"]
    assert [uno.entregado for uno in eventos_de("af_1")] == [False, False]
    EntregaConfirmada(evento_id=eventos[1].evento_id, tipo="x", retraso_ms=1).save()
    assert [uno.entregado for uno in eventos_de("af_1")] == [False, True]
