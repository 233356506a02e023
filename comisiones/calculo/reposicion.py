"""Commissions of a refused sale that counts again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from alpespartner.comun import dinero
from alpespartner.comun.actores import Actor
from comisiones import eventos
from comisiones.calculo.rango import excede
from comisiones.calculo.services import bloquear_ventas, calcular_comisiones, motivo_de_retencion
from comisiones.comision.estados import VUELTA, EstadoComision, MotivoRetencion
from comisiones.comision.models import Comision
from comisiones.presupuesto.services import apartar, tomar_presupuestos
from conversiones.ventas.estados import SIN_COMISION
from outbox.publicacion import publicar

# Why a commission was voided: what a person voided for another reason stays so.
MOTIVO_RECHAZO = gettext_noop("La conversión fue rechazada.")
MOTIVO_VUELTA = "La conversión rechazada llegó otra vez."


def reponer_comisiones(*, conversiones_ids: Sequence[str], actor: Actor) -> list[Comision]:
    """Send back to review what the refusal of some sales (public ids) voided, with its amount, and
    calculate what they never had.

    Any number of times, in any order with their other events: it looks at how the sales are now.
    """
    with transaction.atomic():
        vivas = [c for c in bloquear_ventas(conversiones_ids) if c.estado not in SIN_COMISION]
        anuladas = list(
            Comision.objects.filter(
                conversion__in=vivas, estado=EstadoComision.ANULADA, motivo=MOTIVO_RECHAZO
            )
            .select_related("afiliado", "campana", "conversion")
            .select_for_update(of=("self",))
            .order_by("pk")
        )
        tomar_presupuestos(comision.campana for comision in anuladas)
        for comision in anuladas:
            _reponer(comision, actor)
        calcular_comisiones(conversiones_ids=[c.id_publico for c in vivas], actor=actor)
    return anuladas


def _reponer(comision: Comision, actor: Actor) -> None:
    comision.motivo = MOTIVO_VUELTA
    comision.motivo_retencion = _por_que_espera(comision)
    apartar([comision])
    comision.aprobada_por, comision.aprobada_en = "", None
    retenida = bool(comision.motivo_retencion)
    VUELTA.transitar(
        comision,
        EstadoComision.RETENIDA if retenida else EstadoComision.PENDIENTE,
        accion="reponer",
        actor=actor,
        motivo=MOTIVO_VUELTA,
        campos=("motivo", "motivo_retencion", "aprobada_por", "aprobada_en"),
    )
    evento: Any
    if retenida:
        evento = eventos.ComisionRetenida(
            comision_id=comision.id_publico, motivo_retencion=comision.motivo_retencion
        )
    else:
        evento = eventos.ComisionLiberada(
            comision_id=comision.id_publico,
            monto=dinero.texto(comision.monto, comision.moneda),
            moneda=comision.moneda,
        )
    publicar(evento, version=comision.version)


def _por_que_espera(comision: Comision) -> str:
    if comision.regla_id is None:
        return MotivoRetencion.SIN_REGLA
    if excede(comision):
        return MotivoRetencion.FUERA_DE_RANGO
    return motivo_de_retencion(comision.conversion, comision.afiliado)
