"""Celery tasks of affiliates."""

from __future__ import annotations

from celery import shared_task

from afiliados.afiliado.cambio import aplicar_condiciones_vencidas
from afiliados.afiliado.transiciones import reactivar_cumplidas


@shared_task(name="afiliados.aplicar_condiciones")
def aplicar_condiciones() -> int:
    """Give affiliates the terms and settings whose day came; runs every minute."""
    return aplicar_condiciones_vencidas()


@shared_task(name="afiliados.reactivar")
def reactivar() -> int:
    """Bring back those whose suspension ended; runs every minute."""
    return reactivar_cumplidas()
