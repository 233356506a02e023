"""Consumer ``confirmacion``: records which events came back from the stream, and how late.

It feeds reconciliation and lag. The embedded relay needs none: its pending table is the proof.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from outbox.consumo import Consumidor, Sobre, registrar
from outbox.models import EntregaConfirmada, OutboxEvent


def _confirmar(sobres: Sequence[Sobre]) -> None:
    ahora = timezone.now()
    escritos = dict(
        OutboxEvent.objects.filter(evento_id__in=[s.id for s in sobres]).values_list(
            "evento_id", "created_at"
        )
    )
    EntregaConfirmada.objects.bulk_create(
        [
            EntregaConfirmada(
                evento_id=sobre.id,
                tipo=sobre.tipo,
                recibida_en=ahora,
                # Clocks of two machines may differ by a little.
                retraso_ms=max(0, (ahora - escritos[sobre.id]).total_seconds() * 1000 // 1),
            )
            for sobre in sobres
            if sobre.id in escritos
        ]
    )


CONFIRMACION = registrar(
    Consumidor("confirmacion", frozenset(), _confirmar, transportes=frozenset({"pulsar", "manual"}))
)
