"""Celery tasks of the review: each carries only an id."""

from __future__ import annotations

from celery import shared_task

from alpespartner.comun.actores import sistema
from comisiones.revision import avance
from comisiones.revision.automatica import aprobar_por_politicas
from comisiones.revision.espera_sitio import barrer_presupuestos, liberar_las_que_caben
from comisiones.revision.services import cerrar_sin_importe

ACTOR = sistema("aprobacion")
PRESUPUESTOS = sistema("presupuestos")


@shared_task(name="aprobacion.barrer")
def barrer() -> int:
    """Approve what the policies allow, and close what has nothing to pay; runs every minute."""
    aprobadas = aprobar_por_politicas(actor=ACTOR)
    cerrar_sin_importe(actor=ACTOR)
    return aprobadas


@shared_task(name="presupuestos.liberar")
def liberar_por_presupuesto(campana_pk: int) -> int:
    """Release what fits again in the budget of a campaign."""
    return liberar_las_que_caben(campana_pk=campana_pk, actor=PRESUPUESTOS)


@shared_task(name="presupuestos.barrer")
def barrer_los_presupuestos() -> int:
    """Release what fits, whose task was lost; runs every minute."""
    return barrer_presupuestos(actor=PRESUPUESTOS)


@shared_task(name="en_masa.avanzar")
def avanzar(decision_pk: int) -> None:
    """Go on with a bulk decision."""
    avance.avanzar_decision(decision_pk=decision_pk)


@shared_task(name="en_masa.barrer")
def barrer_decisiones() -> int:
    """Queue the bulk decisions that lost their task; runs every second."""
    return avance.barrer_decisiones()
