"""A consumer for tests: its effects are rows, so they are undone with their transaction."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from django.db import transaction

from afiliados.eventos import AfiliadoSuspendido
from alpespartner.comun.historial import paso
from alpespartner.comun.models import Historial
from outbox.consumo import Consumidor, Sobre
from outbox.models import OutboxEvent
from outbox.publicacion import publicar
from tests.fabricas import PRUEBAS


class Probeta:
    """Writes one row per event, and fails for the subjects in ``venenos``."""

    def __init__(self) -> None:
        self.venenos: set[str] = set()
        self.llamadas = 0
        self.pausa: threading.Event | None = None
        self.consumidor: Consumidor

    def manejar(self, sobres: Sequence[Sobre]) -> None:
        """Handle a batch."""
        self.llamadas += 1
        for sobre in sobres:
            paso(
                entidad="probeta", entidad_id=sobre.sujeto, accion=sobre.datos["motivo"],
                actor=PRUEBAS,
            ).save()  # fmt: skip
            if sobre.datos["motivo"] in self.venenos:
                raise RuntimeError("veneno")

    def efectos(self) -> list[str]:
        """What was handled and committed, in order."""
        return list(
            Historial.objects.filter(entidad="probeta").order_by("id").values_list("accion", flat=1)
        )


def emitir(sujeto: str, nombre: str) -> OutboxEvent:
    """Publish an event called ``nombre`` of aggregate ``sujeto``."""
    with transaction.atomic():
        return publicar(AfiliadoSuspendido(afiliado_id=sujeto, motivo=nombre), version=1)
