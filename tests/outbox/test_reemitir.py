"""``reconciliar_outbox --reemitir``: what is missing goes out again, in order, and nothing else."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from outbox import reconciliacion
from outbox.errores import PublicacionFallida
from outbox.models import EntregaPendiente, OutboxEvent
from tests.outbox.probeta import Probeta, emitir
from tests.outbox.test_reconciliacion import en_un_rato, recibir

pytestmark = pytest.mark.django_db


@pytest.fixture
def publicados(settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Event ids that a stream took, by call."""
    settings.EVENTOS_TRANSPORTE = "pulsar"
    tandas: list[list[str]] = []

    class Salida:
        def publicar(self, eventos: Iterable[OutboxEvent]) -> None:
            tandas.append([e.evento_id for e in eventos])

    @contextmanager
    def publicador() -> Iterator[Salida]:
        yield Salida()

    monkeypatch.setattr(reconciliacion, "publicador", publicador)
    monkeypatch.setattr(reconciliacion, "_POR_SENTENCIA", 2)
    return tandas


def test_sale_lo_que_falta_y_en_su_orden(probeta: Probeta, publicados: list[list[str]]) -> None:
    """Received, waiting and parked ones do not; three go in two portions."""
    eventos = [emitir(f"af_{n}", "e") for n in range(5)]
    recibir(probeta, eventos[1])
    EntregaPendiente.objects.create(suscripcion="probeta", evento=eventos[3])
    salida = io.StringIO()
    call_command("reconciliar_outbox", "--segundos", "-1", "--reemitir", stdout=salida)
    faltaban = [eventos[n].evento_id for n in (0, 2, 4)]
    assert publicados == [faltaban[:2], faltaban[2:]]
    assert "3 eventos publicados de nuevo" in salida.getvalue()
    recibir(probeta, *(eventos[n] for n in (0, 2, 4)))
    call_command("reconciliar_outbox", "--segundos", "-1", "--reemitir", stdout=salida)
    assert len(publicados) == 2, "nothing is missing any more"
    assert salida.getvalue().count("publicados de nuevo") == 1


def test_lo_reciente_no_se_da_por_perdido(probeta: Probeta, publicados: list[list[str]]) -> None:
    """It is on its way."""
    emitir("af_1", "e")
    call_command("reconciliar_outbox", "--segundos", "60", "--reemitir", stdout=io.StringIO())
    assert publicados == []
    assert reconciliacion.reemitir(en_un_rato()) == 1
    assert len(publicados) == 1


def test_si_el_flujo_no_responde_se_dice(
    probeta: Probeta, publicados: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command fails: a timer that runs it must see it."""

    @contextmanager
    def caido() -> Iterator[Any]:
        raise PublicacionFallida("sin conexión")
        yield

    monkeypatch.setattr(reconciliacion, "publicador", caido)
    emitir("af_1", "e")
    with pytest.raises(CommandError):
        call_command("reconciliar_outbox", "--segundos", "-1", "--reemitir", stdout=io.StringIO())
