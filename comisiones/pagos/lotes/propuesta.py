"""Proposing and dropping batches: what fits in a portion at once, the rest by a task."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from alpespartner.comun import cola, dinero
from alpespartner.comun.actores import Actor
from alpespartner.comun.errores import DatoInvalido, MonedaDesconocida
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import nuevo_id
from alpespartner.comun.textos import exigir_motivo
from comisiones.pagos.errores import NadaQuePagar
from comisiones.pagos.estados import LOTE, EstadoLote
from comisiones.pagos.lotes.porciones import (
    armar_porcion,
    debido,
    soltandose,
    soltar_porcion,
    tope_de,
)
from comisiones.pagos.models import LotePago
from comisiones.pagos.pago.bloqueo import bloquear_lote
from comisiones.pagos.pasarelas.interfaz import nombres_de_pasarelas, pasarela_de
from comisiones.pagos.pasarelas.sepa import ordenante
from conversiones.campanas.models import Campana


def proponer_lote(
    *,
    moneda: str,
    actor: Actor,
    pasarela: str,
    hasta: datetime | None = None,
    campana: Campana | None = None,
) -> LotePago:
    """Draft a batch: a payment per affiliate for what is approved and matured until ``hasta``.

    With ``campana`` only its commissions are paid, but whatever an affiliate owes is deducted.
    Affiliates left out are listed with the reason. A large one comes back ``proponiendo`` and a
    task goes on with it. Raises :class:`DatoInvalido`, and :class:`NadaQuePagar` when nothing
    is due to anybody.
    """
    if pasarela not in nombres_de_pasarelas():
        raise DatoInvalido(_("Esa pasarela no está configurada."), campo="pasarela")
    try:
        dinero.exponente(moneda)
    except dinero.DineroInvalido as exc:
        raise MonedaDesconocida(exc) from None
    elegida = pasarela_de(pasarela)
    if elegida.monedas is not None and moneda not in elegida.monedas:
        raise DatoInvalido(_("Esa pasarela no paga en esa moneda."), campo="moneda")
    if elegida.por_fichero:
        # Better now than when it is released.
        ordenante()
    with transaction.atomic():
        hasta = hasta or timezone.now()
        espera = soltandose(moneda)
        tope = tope_de(debido(moneda, hasta, campana)[0])
        lote = LotePago.objects.create(
            id_publico=nuevo_id("lote"),
            moneda=moneda,
            campana=campana,
            hasta=hasta,
            pasarela=pasarela,
            estado=EstadoLote.BORRADOR if tope is None and not espera else EstadoLote.PROPONIENDO,
            preparado_por=str(actor),
            propuesto_hasta=0,
        )
        if not espera:
            armar_porcion(lote, tope)
            if lote.propuesto_hasta is None and not lote.numero_pagos:
                raise NadaQuePagar(_("No hay nada que pagar con esas condiciones."))
            lote.save()
        if lote.propuesto_hasta is not None:
            cola.encolar("pagos.avanzar_lote", lote.pk)
        paso(
            entidad="lote", entidad_id=lote.id_publico, accion="proponer", actor=actor,
            estado_nuevo=lote.estado,
        ).save()  # fmt: skip
    return lote


def descartar_lote(*, lote: LotePago, actor: Actor, motivo: str) -> LotePago:
    """Drop a draft: its commissions and adjustments are free again, those of a large one a little
    later. A reason is required."""
    motivo = exigir_motivo(motivo)
    with transaction.atomic():
        actual = bloquear_lote(lote.pk)
        actual.propuesto_hasta, actual.soltado_hasta = None, 0
        LOTE.transitar(
            actual, EstadoLote.DESCARTADO, accion="descartar", actor=actor, motivo=motivo
        )
        soltar_porcion(actual, actor, motivo)
        if actual.soltado_hasta is not None:
            cola.encolar("pagos.avanzar_lote", actual.pk)
        actual.save(update_fields=["propuesto_hasta", "soltado_hasta"])
    return actual


def rehacer_lote(*, lote: LotePago, actor: Actor) -> LotePago:
    """Drop a draft and propose it again, with what is due now. Returns the new one."""
    with transaction.atomic():
        viejo = descartar_lote(lote=lote, actor=actor, motivo=_("Se propuso de nuevo."))
        return proponer_lote(
            moneda=viejo.moneda,
            actor=actor,
            pasarela=viejo.pasarela,
            hasta=viejo.hasta,
            campana=viejo.campana,
        )
