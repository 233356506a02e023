"""What is made anew takes events for received up to the last one that there was, some at a time."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import Max

from comisiones.contadores import reconstruccion as contadores
from comisiones.metricas import reconstruccion as metricas
from outbox.models import OutboxEvent
from tests.outbox.probeta import emitir

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]


@pytest.mark.parametrize("modulo", [contadores, metricas])
def test_por_tramos_y_hasta_el_ultimo(modulo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no further once one says that rows were looked at already."""
    for nombre in "abc":
        emitir("af_1", nombre)
    hasta = OutboxEvent.objects.aggregate(m=Max("posicion"))["m"]
    monkeypatch.setattr(modulo, "EVENTOS", max(1, hasta - 1))
    dichos: list[tuple[int, int]] = []
    sigue = [True]

    def recibir(desde: int, suyo: int) -> bool:
        dichos.append((desde, suyo))
        return sigue[0]

    monkeypatch.setattr(modulo, "_recibir", recibir)
    for _paso in modulo.reconstruir():
        pass
    tramo = max(1, hasta - 1)
    esperados = [(d, min(hasta, d + tramo)) for d in range(0, hasta, tramo)]
    assert dichos == esperados
    assert dichos[-1][1] == hasta
    sigue[0] = False
    dichos.clear()
    for _paso in modulo.reconstruir():
        pass
    assert dichos == esperados[:1]
