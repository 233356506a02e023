"""Celery tasks of the mail."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from comisiones.notificaciones import envio, resumen, services


@shared_task(name="notificaciones.enviar")
def enviar_pendientes() -> int:
    """Send what waits; also runs every minute for what was interrupted."""
    return envio.enviar_pendientes()


@shared_task(name="notificaciones.resumir")
def resumir() -> None:
    """Write the digests that are due; runs every minute."""
    resumen.resumir()


@shared_task(name="notificaciones.purgar")
def purgar() -> int:
    """Forget mails of long ago; runs every few minutes."""
    return services.purgar(antes_de=timezone.now() - timedelta(days=settings.CORREO_DIAS))
