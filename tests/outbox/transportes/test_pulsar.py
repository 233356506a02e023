"""Batches from Pulsar: each effect once, poison waits, what is foreign is parked."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from outbox.consumo import Consumidor
from outbox.entrega import entregar, reencolar
from outbox.models import EntregaPendiente, EventoAparcado, OutboxEvent
from outbox.transportes.pulsar.suscripcion import Consumo
from outbox.transportes.pulsar.topicos import topicos_de
from tests.fabricas import PRUEBAS
from tests.outbox.probeta import Probeta, emitir

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _por_pulsar(settings: Any) -> None:
    """Events leave no pending row: the stream brings them."""
    settings.EVENTOS_TRANSPORTE = "pulsar"


@pytest.fixture
def consumo(probeta: Probeta) -> Consumo:
    return Consumo(probeta.consumidor, threading.Event())


def textos(*eventos: OutboxEvent) -> list[str]:
    return [evento.payload for evento in eventos]


def test_una_tanda_que_llega_dos_veces(consumo: Consumo, probeta: Probeta) -> None:
    """A consumer killed between commit and acknowledgement gets its batch again."""
    tanda = textos(emitir("af_1", "a"), emitir("af_1", "b"))
    assert not EntregaPendiente.objects.exists()
    consumo.manejar(tanda)
    consumo.manejar(tanda)
    consumo.manejar([*tanda, tanda[0]])
    assert probeta.efectos() == ["a", "b"]


def test_un_veneno_hace_esperar_solo_a_su_agregado(consumo: Consumo, probeta: Probeta) -> None:
    probeta.venenos = {"malo"}
    tanda = textos(
        emitir("af_1", "antes"), emitir("af_1", "malo"), emitir("af_1", "despues"),
        emitir("af_2", "ajeno"),
    )  # fmt: skip
    consumo.manejar(tanda)
    assert probeta.efectos() == ["antes", "ajeno"]
    consumo.manejar(textos(emitir("af_1", "luego")))
    assert probeta.efectos() == ["antes", "ajeno"]
    esperan = EntregaPendiente.objects.order_by("id").values_list("evento__type", "intentos")
    assert [intentos for _tipo, intentos in esperan] == [1, 0, 0]
    with time_machine.travel(timezone.now(), tick=False) as reloj:
        for _intento in range(4):
            reloj.shift(timedelta(seconds=10))
            entregar(probeta.consumidor)
    while entregar(probeta.consumidor):
        pass
    assert probeta.efectos() == ["antes", "ajeno", "despues", "luego"]
    aparcado = EventoAparcado.objects.get()
    assert aparcado.intentos == 5
    probeta.venenos = set()
    reencolar(aparcado=aparcado, actor=PRUEBAS)
    assert entregar(probeta.consumidor) == 1
    assert probeta.efectos()[-1] == "malo"


def test_si_la_tanda_vuelve_no_se_duplica_lo_que_espera(consumo: Consumo, probeta: Probeta) -> None:
    probeta.venenos = {"malo"}
    tanda = textos(emitir("af_1", "malo"), emitir("af_1", "b"))
    consumo.manejar(tanda)
    consumo.manejar(tanda)
    assert EntregaPendiente.objects.count() == 2
    probeta.venenos = set()
    EntregaPendiente.objects.update(no_antes_de=None)
    entregar(probeta.consumidor)
    assert probeta.efectos() == ["malo", "b"]


@pytest.mark.parametrize("basura", ["", "no es json", "[]", "{}", '{"id": "x"}', "\ufffd"])
def test_lo_ajeno_se_aparca_y_no_detiene(consumo: Consumo, probeta: Probeta, basura: str) -> None:
    consumo.manejar([basura, *textos(emitir("af_1", "bueno"))])
    assert probeta.efectos() == ["bueno"]
    aparcado = EventoAparcado.objects.get()
    assert (aparcado.evento, aparcado.contenido) == (None, basura)


def test_lo_que_no_quiere_no_deja_rastro(probeta: Probeta) -> None:
    selectivo = Consumidor("selectivo", frozenset({"ComisionPagada"}), probeta.manejar)
    Consumo(selectivo, threading.Event()).manejar(textos(emitir("af_1", "a")))
    assert probeta.efectos() == []
    assert [t.contexto for t in topicos_de(selectivo)] == ["comisiones"]
