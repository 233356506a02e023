"""Celery tasks of the review: each carries only an id."""

from __future__ import annotations

from celery import shared_task

from alpespartner.comun.actores import sistema
from comisiones.revision import avance
from comisiones.revision.automatica import aprobar_por_politicas
from comisiones.revision.services import cerrar_sin_importe

ACTOR = sistema("aprobacion")


@shared_task(name="aprobacion.barrer")
def barrer() -> int:
    """Approve what the policies allow, and close what has nothing to pay; runs every minute."""
    aprobadas = aprobar_por_politicas(actor=ACTOR)
    cerrar_sin_importe(actor=ACTOR)
    return aprobadas


@shared_task(name="en_masa.avanzar")
def avanzar(decision_pk: int) -> None:
    """Go on with a bulk decision."""
    avance.avanzar_decision(decision_pk=decision_pk)


@shared_task(name="en_masa.barrer")
def barrer_decisiones() -> int:
    """Queue the bulk decisions that lost their task; runs every second."""
    return avance.barrer_decisiones()
