"""Celery tasks of affiliates."""

from __future__ import annotations

from celery import shared_task

from afiliados.afiliado.cambio import aplicar_condiciones_vencidas


@shared_task(name="afiliados.aplicar_condiciones")
def aplicar_condiciones() -> int:
    """Give affiliates the terms whose day came; runs every minute."""
    return aplicar_condiciones_vencidas()
