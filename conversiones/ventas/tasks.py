"""Celery tasks of sales."""

from __future__ import annotations

from celery import shared_task

from conversiones.ventas.devoluciones import barrer_pendientes


@shared_task(name="devoluciones.barrer")
def barrer() -> int:
    """Apply the refunds whose sale is there; runs every minute."""
    return barrer_pendientes()
