"""Celery tasks of the kernel."""

from __future__ import annotations

from celery import shared_task

from alpespartner.comun.idempotencia import purgar


@shared_task(name="comun.purgar_idempotencia")
def purgar_idempotencia() -> int:
    """Forget the answers that nobody asks for again; runs every hour."""
    return purgar()
