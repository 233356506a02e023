"""What waits for room in the budget of its campaign, and is released by itself once there is."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from alpespartner.comun import cola
from alpespartner.comun.actores import Actor
from alpespartner.comun.errores import ErrorDominio
from alpespartner.comun.rondas import Ronda
from comisiones.calculo.services import motivo_de_retencion
from comisiones.comision.estados import EstadoComision, MotivoRetencion
from comisiones.comision.models import Comision
from comisiones.presupuesto.services import nada_cabe, recontar, tomar_presupuesto
from comisiones.revision.errores import Cambio
from comisiones.revision.services import liberar_comision, volver_a_retener
from conversiones.campanas.models import PresupuestoCampana

log = logging.getLogger(__name__)

MOTIVO = gettext_noop("Hay sitio en el presupuesto de la campaña.")
# Commissions that a task looks at before others have their turn.
POR_VEZ = 500

_CON_SITIO = Ronda()


def liberar_las_que_caben(*, campana_pk: int, actor: Actor) -> int:
    """Release what fits of what waits for room in a campaign, the oldest first; returns how many.

    One that is too large stays, and does not stop the smaller ones behind it. Each is its own
    transaction, in which room is looked for again; what is left to do is queued.
    """
    with transaction.atomic():
        fila = tomar_presupuesto(campana_pk)
        limite = fila.campana.presupuesto
        queda = None if limite is None else limite - fila.gastado
        caben = _caben(campana_pk, queda)
        if not caben:
            nada_cabe(fila)
    liberadas = 0
    while caben and not liberadas:
        liberadas = _liberar_estas(caben, queda, actor)
        # However many cannot be released, they do not stand in front of the rest.
        caben = _caben(campana_pk, queda, desde=caben[-1][0])
    if liberadas:
        cola.encolar("presupuestos.liberar", campana_pk)
    return liberadas


def _liberar_estas(
    caben: Sequence[tuple[int, Decimal]], queda: Decimal | None, actor: Actor
) -> int:
    liberadas = 0
    for pk, monto in caben:
        # What is left only shrinks while this runs; what grows is looked at by another task.
        if queda is not None and monto > queda:
            continue
        try:
            _liberar(pk, actor)
        except ErrorDominio as exc:
            # Somebody decided it, or took the room, meanwhile.
            log.info("comisión %s: sigue esperando sitio (%s)", pk, exc.codigo)
            continue
        except Exception:
            # One that cannot be released must not stop those behind it.
            log.exception("comisión %s: no se pudo liberar", pk)
            continue
        liberadas += 1
        queda = None if queda is None else queda - monto
    return liberadas


def _caben(campana_pk: int, queda: Decimal | None, *, desde: int = 0) -> list[tuple[int, Decimal]]:
    """Keys and amounts of those that fit by themselves, after a key."""
    esperan: QuerySet[Comision] = Comision.objects.filter(
        pk__gt=desde,
        campana=campana_pk,
        estado=EstadoComision.RETENIDA,
        motivo_retencion=MotivoRetencion.PRESUPUESTO_AGOTADO,
    )
    if queda is not None:
        esperan = esperan.filter(monto__lte=queda)
    return list(esperan.order_by("pk").values_list("pk", "monto")[:POR_VEZ])


def _liberar(pk: int, actor: Actor) -> None:
    with transaction.atomic():
        comision = Comision.objects.get(pk=pk)
        if comision.motivo_retencion != MotivoRetencion.PRESUPUESTO_AGOTADO:
            raise Cambio()
        suya = liberar_comision(
            comision=comision, actor=actor, motivo=MOTIVO, vista=comision.version
        )
        # It waits as any other of an affiliate that is not active.
        if por_que := motivo_de_retencion(suya.conversion, suya.afiliado):
            volver_a_retener(comision=suya, por_que=por_que, actor=actor)


def barrer_presupuestos(*, actor: Actor) -> int:
    """Count the new budgets once more, and release where there may be room and a task was lost;
    returns how many were released."""
    recontar(ahora=timezone.now())
    liberadas = 0
    for pk in _CON_SITIO.siguientes(PresupuestoCampana.objects.filter(hay_sitio=True), 50):
        try:
            fila = PresupuestoCampana.objects.only("campana_id").get(pk=pk)
            liberadas += liberar_las_que_caben(campana_pk=fila.campana_id, actor=actor)
        except Exception:
            log.exception("presupuesto %s: no se pudo liberar lo que espera", pk)
    return liberadas
