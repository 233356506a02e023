"""Proof of delivery: what is missing is seen, and only what everybody has is purged."""

from __future__ import annotations

import io
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from outbox import reconciliacion
from outbox.canario import canario_perdido, emitir_canario, ultimo_retraso_ms
from outbox.consumo import Sobre, procesar
from outbox.models import (
    EntregaConfirmada,
    EntregaPendiente,
    EventoAparcado,
    EventoProcesado,
    OutboxEvent,
)
from outbox.reconciliacion import purgar, reconciliar
from tests.outbox.probeta import Probeta, emitir

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _por_pulsar(settings: Any) -> None:
    settings.EVENTOS_TRANSPORTE = "pulsar"


def recibir(probeta: Probeta, *eventos: OutboxEvent) -> None:
    procesar(
        probeta.consumidor,
        [Sobre(e.evento_id, e.type, e.aggregateid, e.payload) for e in eventos],
    )


def en_un_rato() -> Any:
    return timezone.now() + timedelta(seconds=1)


def test_lo_perdido_se_ve_y_lo_demas_no(probeta: Probeta) -> None:
    recibido, espera, aparcado, perdido = (emitir(f"af_{n}", "e") for n in range(4))
    recibir(probeta, recibido)
    EntregaPendiente.objects.create(suscripcion="probeta", evento=espera)
    EventoAparcado.objects.create(suscripcion="probeta", evento=aparcado, intentos=5, error="x")
    [(estado, ids)] = list(reconciliar(en_un_rato()))
    assert (estado.emitidos, estado.recibidos, estado.en_espera) == (4, 1, 1)
    assert (estado.aparcados, estado.faltan) == (1, 1)
    assert ids == [perdido.evento_id]


def test_el_comando_da_la_alarma(probeta: Probeta) -> None:
    """A row that the stream dropped silently, such as one over its message size."""
    emitir("af_1", "e")
    salida = io.StringIO()
    with pytest.raises(CommandError, match="Faltan 1"):
        call_command("reconciliar_outbox", "--segundos", "-1", stdout=salida)
    call_command("reconciliar_outbox", stdout=salida)  # Too young to be missing.
    assert "0 faltan" in salida.getvalue()


def test_purgar_deja_lo_que_alguien_espera(probeta: Probeta) -> None:
    recibidos = [emitir(f"af_{n}", "e") for n in range(5)]
    recibir(probeta, *recibidos)
    EntregaConfirmada(evento_id=recibidos[0].evento_id, tipo="x", retraso_ms=1).save()
    perdido, espera, aparcado = (emitir(f"af_{n}", "e") for n in range(3))
    EntregaPendiente.objects.create(suscripcion="probeta", evento=espera)
    EventoAparcado.objects.create(suscripcion="probeta", evento=aparcado, intentos=5, error="x")
    assert list(purgar(timezone.now() - timedelta(days=1))) == []
    assert list(purgar(en_un_rato(), por_lote=2)) == [2, 2, 1]
    quedan = set(OutboxEvent.objects.values_list("pk", flat=True))
    assert quedan == {perdido.pk, espera.pk, aparcado.pk}
    assert not EventoProcesado.objects.exists()
    assert not EntregaConfirmada.objects.exists()


def test_reemitir_en_su_orden(probeta: Probeta, monkeypatch: pytest.MonkeyPatch) -> None:
    """By parts, each asked for in order: a database promises none."""
    eventos = [emitir(f"af_{n}", "e") for n in range(5)]
    EntregaPendiente.objects.all().delete()
    recibir(probeta, eventos[1])
    veces: list[list[int]] = []

    class Salida:
        def publicar(self, consulta: Any) -> None:
            assert consulta.ordered
            veces.append([evento.posicion for evento in consulta])

    monkeypatch.setattr(reconciliacion, "publicador", lambda: nullcontext(Salida()))
    monkeypatch.setattr(reconciliacion, "_POR_SENTENCIA", 3)
    assert reconciliacion.reemitir(en_un_rato()) == 4
    posiciones = [eventos[n].posicion for n in (0, 2, 3, 4)]
    assert veces == [posiciones[:3], posiciones[3:]]
    assert reconciliacion.reemitir(eventos[0].created_at) == 0


def test_purgar_deja_lo_que_espera_quien_ya_no_esta(probeta: Probeta) -> None:
    """Whoever publishes by hand, and a consumer of another time, are no consumers."""
    publicador, aparcado, nadie = (emitir(f"af_{n}", "e") for n in range(3))
    recibir(probeta, publicador, aparcado, nadie)
    EntregaPendiente.objects.create(suscripcion="publicador", evento=publicador)
    EventoAparcado.objects.create(suscripcion="otra", evento=aparcado, intentos=5, error="x")
    assert list(purgar(en_un_rato())) == [1]
    assert set(OutboxEvent.objects.values_list("pk", flat=True)) == {publicador.pk, aparcado.pk}


def test_purgar_no_admite_dias_sin_sentido() -> None:
    for malo in (("--dias", "0"), ("--lote", "0"), ("--dias", "-1")):
        with pytest.raises(CommandError, match="mayores que cero"):
            call_command("purgar_outbox", *malo)
    salida = io.StringIO()
    call_command("purgar_outbox", "--dias", "1", "--lote", "1", stdout=salida)
    assert salida.getvalue() == "0 eventos borrados\n"


def test_el_canario_que_no_vuelve() -> None:
    canario = emitir_canario()
    ya = timedelta(seconds=-1)
    assert canario_perdido(timedelta(minutes=1)) is None
    assert canario_perdido(ya) == canario
    EntregaConfirmada(evento_id=canario.evento_id, tipo=canario.type, retraso_ms=12).save()
    assert canario_perdido(ya) is None
    assert ultimo_retraso_ms() == 12
