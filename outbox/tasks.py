"""Celery tasks of the path."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from outbox.canario import emitir_canario
from outbox.flujo.services import avanzar
from outbox.webhooks import envio, purga

# A task sends for this long; what it has in hand then ends within the time of one request.
_SEGUNDOS = 30.0


@shared_task(name="outbox.canario")
def canario() -> None:
    """Write a canary row; only the real stream needs one."""
    if settings.EVENTOS_TRANSPORTE != "embebido":
        emitir_canario()


@shared_task(name="outbox.avanzar_flujo")
def avanzar_flujo() -> int:
    """Move on how far the feed goes; runs every second."""
    return avanzar()


@shared_task(name="webhooks.enviar")
def enviar_webhooks() -> int:
    """Send what is due to others' servers; runs every second, and when there is something."""
    return envio.enviar(_SEGUNDOS)


@shared_task(name="webhooks.purgar")
def purgar_webhooks() -> int:
    """Forget deliveries of long ago; runs every hour."""
    return purga.purgar(antes_de=timezone.now() - timedelta(days=settings.WEBHOOKS_DIAS))
