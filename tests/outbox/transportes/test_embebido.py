"""The embedded relay: in order, each effect once, and a bad event stops only its aggregate."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import OperationalError
from django.utils import timezone

from alpespartner.comun.errores import Conflicto
from alpespartner.comun.models import Historial
from outbox import entrega as mecanismo
from outbox.consumo import Consumidor, Sobre, procesar
from outbox.entrega import entregar, reencolar, sobre_de
from outbox.models import EntregaPendiente, EventoAparcado, EventoProcesado
from outbox.selectors import eventos_de
from outbox.transportes.embebido import drenar
from tests.fabricas import PRUEBAS
from tests.outbox.probeta import Probeta, emitir

pytestmark = pytest.mark.django_db


def test_en_orden(probeta: Probeta) -> None:
    """Out of order, a commission would be voided before it exists."""
    for n in range(250):
        emitir(f"af_{n % 7}", f"e{n}")
    assert drenar() == 250
    assert probeta.efectos() == [f"e{n}" for n in range(250)]
    assert not EntregaPendiente.objects.exists()
    assert EventoProcesado.objects.count() == 250
    assert probeta.llamadas == 3  # Batches of a hundred.
    assert drenar() == 0


def test_entregado_se_ve(probeta: Probeta) -> None:
    """`published` of the earlier systems is read from here."""
    emitir("af_1", "e")
    assert [e.entregado for e in eventos_de("af_1")] == [False]
    drenar()
    assert [e.entregado for e in eventos_de("af_1")] == [True]


def test_veneno(probeta: Probeta) -> None:
    """A poison event is tried five times with growing pauses and parked; meanwhile the later ones
    of its aggregate wait and the others go on."""
    probeta.venenos = {"malo"}
    emitir("af_1", "antes")
    malo = emitir("af_1", "malo")
    emitir("af_1", "despues")
    emitir("af_2", "ajeno")
    inicio = timezone.now()
    esperas = []
    with time_machine.travel(inicio, tick=False) as reloj:
        for intento in range(1, 6):
            drenar()
            if intento == 5:
                break
            assert probeta.efectos() == ["antes", "ajeno"]
            entrega = EntregaPendiente.objects.get(evento=malo)
            assert entrega.intentos == intento
            assert entrega.ultimo_error == "RuntimeError: veneno"
            assert entrega.no_antes_de is not None
            esperas.append((entrega.no_antes_de - timezone.now()).total_seconds())
            # Just before the pause is over nothing is tried.
            reloj.shift(timedelta(seconds=esperas[-1] - 0.01))
            assert drenar() == 0
            reloj.shift(timedelta(seconds=0.02))
        assert esperas == [0.5, 1, 2, 4]
        drenar()
    assert probeta.efectos() == ["antes", "ajeno", "despues"]
    aparcado = EventoAparcado.objects.get()
    assert (aparcado.suscripcion, aparcado.evento, aparcado.intentos) == ("probeta", malo, 5)
    assert aparcado.error == "RuntimeError: veneno"
    assert not EntregaPendiente.objects.exists()
    # No trace of the tries that were undone.
    assert not EventoProcesado.objects.filter(evento_id=malo.evento_id).exists()


def test_reencolar(probeta: Probeta) -> None:
    """What staff re-queues once it is mended has its effect once, and only once."""
    probeta.venenos = {"malo"}
    emitir("af_1", "malo")
    with time_machine.travel(timezone.now(), tick=False) as reloj:
        for _ in range(5):
            drenar()
            reloj.shift(timedelta(seconds=10))
    aparcado = EventoAparcado.objects.get()
    probeta.venenos = set()
    reencolar(aparcado=aparcado, actor=PRUEBAS)
    with pytest.raises(Conflicto):
        reencolar(aparcado=aparcado, actor=PRUEBAS)
    paso = Historial.objects.get(accion="reencolar")
    assert (paso.actor, paso.datos) == (str(PRUEBAS), {"suscripcion": "probeta"})
    assert drenar() == 1
    assert probeta.efectos() == ["malo"]
    with pytest.raises(Conflicto):
        reencolar(aparcado=aparcado, actor=PRUEBAS)
    assert drenar() == 0


@pytest.mark.parametrize("de_otra", [False, True])
def test_no_se_reencola_lo_que_ya_espera(probeta: Probeta, de_otra: bool) -> None:
    """A stream may bring again what was parked: it waits once, whatever waits for others."""
    evento = emitir("af_1", "a")
    EntregaPendiente.objects.update(suscripcion="otra" if de_otra else "probeta")
    aparcado = EventoAparcado.objects.create(
        suscripcion="probeta", evento=evento, intentos=5, error="e"
    )
    if de_otra:
        reencolar(aparcado=aparcado, actor=PRUEBAS)
    else:
        with pytest.raises(Conflicto):
            reencolar(aparcado=aparcado, actor=PRUEBAS)
    aparcado.refresh_from_db()
    assert (aparcado.reencolado_en is not None) == de_otra
    assert EntregaPendiente.objects.filter(suscripcion="probeta").count() == 1


def test_duplicados(probeta: Probeta) -> None:
    """A stream delivers at least once: within a batch, in another batch, and after a re-queue."""
    evento = emitir("af_1", "e")
    sobre = sobre_de(EntregaPendiente.objects.get())
    assert procesar(probeta.consumidor, [sobre, sobre]) == 1
    assert procesar(probeta.consumidor, [sobre]) == 0
    # The relay finds it in the inbox, has no effect and ends the delivery.
    assert drenar() == 1
    assert probeta.efectos() == ["e"]
    assert not EntregaPendiente.objects.exists()
    assert EventoProcesado.objects.filter(evento_id=evento.evento_id).count() == 1


def test_dos_suscripciones_no_comparten_bandeja(probeta: Probeta) -> None:
    """What one consumer handled is news to another."""
    emitir("af_1", "e")
    sobre = sobre_de(EntregaPendiente.objects.get())
    otro = Consumidor("otro", frozenset(), probeta.manejar)
    assert procesar(probeta.consumidor, [sobre]) == procesar(otro, [sobre]) == 1
    assert probeta.efectos() == ["e", "e"]


def test_base_ocupada_no_gasta_intentos(probeta: Probeta, monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy database is not the event's fault: parked events would need a person."""
    emitir("af_1", "e")

    def ocupada(*_args: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(mecanismo, "procesar", ocupada)
    with pytest.raises(OperationalError):
        entregar(probeta.consumidor)
    monkeypatch.undo()
    entrega = EntregaPendiente.objects.get()
    assert entrega.intentos == 0
    assert entrega.no_antes_de is None


def test_el_sobre_lleva_el_documento_exacto(probeta: Probeta) -> None:
    """Both transports must give a consumer the same bytes."""
    fila = emitir("af_1", "e")
    assert sobre_de(EntregaPendiente.objects.get()) == Sobre(
        fila.evento_id, "AfiliadoSuspendido", "af_1", fila.payload
    )


def test_diez_mil_pendientes_no_cuestan_diez_mil_consultas(
    probeta: Probeta, django_assert_max_num_queries: Any
) -> None:
    """A batch is a constant number of statements, whatever its size."""
    for n in range(100):
        emitir(f"af_{n}", f"e{n}")
    probeta.consumidor = Consumidor("probeta", frozenset(), lambda _sobres: None)
    inicio = time.monotonic()
    with django_assert_max_num_queries(12):
        assert entregar(probeta.consumidor) == 100
    assert time.monotonic() - inicio < 5
