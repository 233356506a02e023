"""Celery task of automatic approval."""

from __future__ import annotations

from celery import shared_task

from alpespartner.comun.actores import sistema
from comisiones.revision.automatica import aprobar_por_politicas

ACTOR = sistema("aprobacion")


@shared_task(name="aprobacion.barrer")
def barrer() -> int:
    """Approve what the policies allow; runs every minute."""
    return aprobar_por_politicas(actor=ACTOR)
