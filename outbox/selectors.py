"""Reads of the outbox."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from outbox.models import EntregaPendiente, EventoProcesado, OutboxEvent


def eventos_con_entrega() -> QuerySet[OutboxEvent, Any]:
    """Events with ``entregado``: whether no subscription still waits for them."""
    if settings.EVENTOS_TRANSPORTE == "embebido":
        entregado: Any = ~Exists(EntregaPendiente.objects.filter(evento=OuterRef("pk")))
    else:
        entregado = Exists(EventoProcesado.objects.filter(evento_id=OuterRef("evento_id")))
    return OutboxEvent.objects.annotate(entregado=entregado)


def eventos_de(aggregateid: str) -> QuerySet[OutboxEvent, Any]:
    """Events of one aggregate, oldest first."""
    return eventos_con_entrega().filter(aggregateid=aggregateid).order_by("posicion")
