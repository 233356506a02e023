"""Celery tasks of the mail."""

from __future__ import annotations

from celery import shared_task

from comisiones.notificaciones import services


@shared_task(name="notificaciones.enviar")
def enviar_pendientes() -> int:
    """Send what waits; also runs every minute for what was interrupted."""
    return services.enviar_pendientes()
