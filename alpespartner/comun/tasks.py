"""Celery tasks of the kernel."""

from __future__ import annotations

from celery import shared_task

from alpespartner.comun.idempotencia import purgar
from alpespartner.comun.propuestas.services import caducar_propuestas


@shared_task(name="comun.purgar_idempotencia")
def purgar_idempotencia() -> int:
    """Forget the answers that nobody asks for again; runs every hour."""
    return purgar()


@shared_task(name="comun.caducar_propuestas")
def caducar() -> int:
    """Close the proposals that nobody confirmed in time; runs every few minutes."""
    return caducar_propuestas()
