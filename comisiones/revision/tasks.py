"""Celery task of automatic approval."""

from __future__ import annotations

from celery import shared_task

from alpespartner.comun.actores import sistema
from comisiones.revision.automatica import aprobar_por_politicas
from comisiones.revision.services import cerrar_sin_importe

ACTOR = sistema("aprobacion")


@shared_task(name="aprobacion.barrer")
def barrer() -> int:
    """Approve what the policies allow, and close what has nothing to pay; runs every minute."""
    aprobadas = aprobar_por_politicas(actor=ACTOR)
    cerrar_sin_importe(actor=ACTOR)
    return aprobadas
