"""A row every minute that measures the path from commit to consumer."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from alpespartner.comun.identificadores import nuevo_id
from outbox.eventos import CanarioEmitido
from outbox.models import EntregaConfirmada, OutboxEvent
from outbox.publicacion import publicar


def emitir_canario() -> OutboxEvent:
    """Write a canary row."""
    with transaction.atomic():
        return publicar(CanarioEmitido(canario_id=nuevo_id("canario")), version=1)


def canario_perdido(tolerancia: timedelta) -> OutboxEvent | None:
    """The newest canary that should have come back by now, if it has not."""
    canario = (
        OutboxEvent.objects.filter(
            type="CanarioEmitido", created_at__lt=timezone.now() - tolerancia
        )
        .order_by("-posicion")
        .first()
    )
    if canario is None:
        return None
    llego = EntregaConfirmada.objects.filter(evento_id=canario.evento_id).exists()
    return None if llego else canario


def ultimo_retraso_ms() -> int | None:
    """Delay of the last canary that came back, in milliseconds."""
    return (
        EntregaConfirmada.objects.filter(tipo="CanarioEmitido")
        .order_by("-id")
        .values_list("retraso_ms", flat=True)
        .first()
    )
