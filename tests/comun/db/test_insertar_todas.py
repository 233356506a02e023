"""Rows by the thousand are what ``bulk_create`` would have written."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import models

from alpespartner.comun.actores import sistema
from alpespartner.comun.db.insercion import insertar_todas
from alpespartner.comun.errores import FilaInmutable
from alpespartner.comun.historial import paso
from alpespartner.comun.models import Historial
from comisiones.libro.models import Apunte, Asiento
from outbox.models import OutboxEvent
from tests import fabricas

pytestmark = pytest.mark.django_db


def escritas(modelo: type[models.Model]) -> list[dict[str, Any]]:
    filas = modelo._default_manager.order_by("pk").values()
    return [{k: v for k, v in f.items() if k not in ("id", "posicion")} for f in filas]


@pytest.mark.parametrize("modelo", [Historial, Apunte, OutboxEvent])
def test_escribe_lo_mismo(modelo: Any) -> None:
    """Money, instants, documents, nothing at all: of rows that services made."""
    for _n in range(2):
        fabricas.aprobada()
    filas = list(modelo.objects.order_by("pk"))
    antes = escritas(modelo)
    for fila in filas:
        fila.pk = None
        if modelo is OutboxEvent:
            fila.evento_id = f"otro-{fila.evento_id}"[:36]
            fila._state.adding = True
    insertar_todas(filas)
    despues = escritas(modelo)[-len(antes) :]
    for una, otra in zip(antes, despues, strict=True):
        assert {**una, "evento_id": ""} == {**otra, "evento_id": ""}


def test_cada_una_una_vez() -> None:
    filas = [
        paso(entidad="x", entidad_id=f"x_{n}", accion="hacer", actor=sistema("x"), motivo="ñ «»")
        for n in range(1_001)
    ]
    insertar_todas(filas)
    assert list(Historial.objects.order_by("pk").values_list("entidad_id", flat=True)) == [
        f"x_{n}" for n in range(1_001)
    ]
    with pytest.raises(FilaInmutable):
        filas[0].save()
    insertar_todas([])
    assert not Asiento.objects.exists()
