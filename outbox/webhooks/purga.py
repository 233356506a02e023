"""Forgetting deliveries of long ago."""

from __future__ import annotations

from datetime import datetime

from outbox.models import EntregaWebhook

_POR_LOTE = 1_000
_LOTES = 100


def purgar(*, antes_de: datetime) -> int:
    """Delete what was written before an instant, in batches; returns how many rows went.

    Also what waits of a webhook that is off: nobody will want it any more.
    """
    total = 0
    for _lote in range(_LOTES):
        viejas = EntregaWebhook.objects.filter(creada_en__lt=antes_de).order_by("creada_en")
        claves = list(viejas.values_list("pk", flat=True)[:_POR_LOTE])
        EntregaWebhook.objects.filter(pk__in=claves)._raw_delete(using="default")
        total += len(claves)
        if len(claves) < _POR_LOTE:
            break
    return total
