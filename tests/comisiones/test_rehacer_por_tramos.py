"""What is made anew takes events for received up to the last one that there was, some at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db.models import Max

from comisiones.contadores import reconstruccion as contadores
from comisiones.metricas import reconstruccion as metricas
from outbox import rehacer
from outbox.models import OutboxEvent
from tests.outbox.probeta import emitir

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]


@pytest.mark.parametrize("modulo", [contadores, metricas])
def test_por_tramos_y_hasta_el_ultimo(modulo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no further once one says that rows were looked at already."""
    for nombre in "abc":
        emitir("af_1", nombre)
    hasta = OutboxEvent.objects.aggregate(m=Max("posicion"))["m"]
    monkeypatch.setattr(rehacer, "EVENTOS", max(1, hasta - 1))
    dichos: list[tuple[int, int]] = []
    intacta = [True]

    def recibir(_consumidor: Any, desde: int, suyo: int) -> None:
        dichos.append((desde, suyo))

    monkeypatch.setattr(rehacer, "dar_por_recibidos", recibir)
    una = replace(modulo._DE_CERO, intacta=lambda: intacta[0])
    monkeypatch.setattr(modulo, "_DE_CERO", una)
    for _paso in modulo.reconstruir():
        pass
    tramo = max(1, hasta - 1)
    esperados = [(d, min(hasta, d + tramo)) for d in range(0, hasta, tramo)]
    assert dichos == esperados
    assert dichos[-1][1] == hasta
    intacta[0] = False
    dichos.clear()
    for _paso in modulo.reconstruir():
        pass
    assert not dichos
