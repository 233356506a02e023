"""What people and events ask of a payment: schedule, retry, drop."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from afiliados.afiliado.estados import EstadoAfiliado
from alpespartner.comun import cola
from alpespartner.comun.acceso import presencia
from alpespartner.comun.actores import Actor
from alpespartner.comun.medidas import medido
from alpespartner.comun.textos import exigir_motivo
from comisiones import eventos
from comisiones.pagos.errores import (
    LoteCongelado,
    NadaQuePagar,
    PagoCambiado,
    PagoEnFichero,
    PagoNoFallido,
    YaReintentado,
)
from comisiones.pagos.estados import LOTE, PAGO, EstadoLote, EstadoPago
from comisiones.pagos.models import Pago
from comisiones.pagos.pago.armado import (
    ajustes_de,
    ajustes_pendientes,
    crear_pagos,
    pagables,
    reunir,
    separar,
    soltar,
)
from comisiones.pagos.pago.bloqueo import bloquear, bloquear_lote
from comisiones.pagos.pago.fin_de_lote import terminar_lote
from comisiones.pagos.pasarelas.interfaz import es_por_fichero, pasarela_configurada
from outbox.publicacion import publicar

log = logging.getLogger(__name__)


@medido
def programar_pagos(*, comisiones_ids: Sequence[str], actor: Actor) -> list[Pago]:
    """Pay at once, without a batch: one payment per affiliate and currency for the approved and
    matured commissions named (public ids), net of its pending adjustments.

    What does not reach the affiliate's minimum, or is negative, is left for later. The payments are
    queued when the transaction commits.
    """
    with transaction.atomic():
        comisiones = (
            pagables()
            .filter(id_publico__in=comisiones_ids)
            .exclude(afiliado__estado=EstadoAfiliado.BLOQUEADO)
        )
        pasarela = pasarela_configurada()
        debidos = [d for d in reunir(comisiones, ajustes_de(comisiones)) if d.comisiones]
        pagar, _fuera = separar(debidos, pasarela)
        pagos = crear_pagos(pagar, pasarela=pasarela.nombre, actor=actor)
        cola.encolar_cada("pagos.ejecutar", [pago.pk for pago in pagos])
    return pagos


def reintentar_pago(*, pago: Pago, actor: Actor) -> Pago:
    """Make a new payment for what one that failed for certain was going to pay.

    Raises :class:`PagoNoFallido`, :class:`PagoEnFichero`, :class:`YaReintentado`,
    :class:`NadaQuePagar` when nothing of it is due any more, and :class:`PagoCambiado` when it
    belongs to a batch and would no longer pay what was released.
    """
    with transaction.atomic():
        if pago.lote_id:
            bloquear_lote(pago.lote_id)
        actual = bloquear(pago.pk)
        if actual.estado != EstadoPago.FALLIDO:
            raise PagoNoFallido()
        if es_por_fichero(actual.pasarela):
            raise PagoEnFichero()
        presencia.exigir(actor)
        items = list(actual.items.values_list("comision", "ajuste"))
        debidos = reunir(
            pagables().filter(pk__in=[c for c, _a in items if c]),
            ajustes_pendientes().filter(pk__in=[a for _c, a in items if a]),
        )
        debido = debidos[0] if debidos else None
        bloqueado = actual.afiliado.estado == EstadoAfiliado.BLOQUEADO
        if debido is None or debido.importe <= 0 or bloqueado:
            raise NadaQuePagar(
                _("Sus comisiones ya están en otro pago, o su afiliado está bloqueado.")
            )
        if Pago.objects.filter(reintento_de=actual).exists():
            raise YaReintentado()
        if actual.lote is not None and (debido.importe, debido.retenido) != (
            actual.importe,
            actual.retenido,
        ):
            raise PagoCambiado(_("Ya no paga lo que se liberó: lo recogerá el próximo lote."))
        [nuevo] = crear_pagos(
            [debido],
            pasarela=actual.pasarela,
            actor=actor,
            lote=actual.lote,
            reintento_de=actual,
        )
        if actual.lote is not None and actual.lote.estado != EstadoLote.EN_EJECUCION:
            LOTE.transitar(actual.lote, EstadoLote.EN_EJECUCION, accion="reintentar", actor=actor)
        cola.encolar("pagos.ejecutar", nuevo.pk)
    return nuevo


def anular_pago(*, pago: Pago, actor: Actor, motivo: str) -> Pago:
    """Drop a payment that was not sent: what it held is free for another. A reason is required.

    In a draft it leaves the batch. Raises TransicionInvalida once it was sent, and
    :class:`LoteCongelado` while its batch waits for its release.
    """
    motivo = exigir_motivo(motivo)
    with transaction.atomic():
        lote = None
        if pago.lote_id:
            lote = bloquear_lote(pago.lote_id)
        actual = bloquear(pago.pk)
        PAGO.exigir(actual, EstadoPago.ANULADO)
        if lote is not None and lote.estado != EstadoLote.EN_EJECUCION:
            if lote.estado != EstadoLote.BORRADOR:
                raise LoteCongelado()
            lote.total -= actual.importe
            lote.numero_pagos -= 1
            lote.save(update_fields=["total", "numero_pagos"])
            actual.lote = None
        actual.detalle = motivo
        PAGO.transitar(
            actual,
            EstadoPago.ANULADO,
            accion="anular",
            actor=actor,
            motivo=motivo,
            campos=("detalle", "lote"),
        )
        publicar(
            eventos.PagoAnulado(pago_id=actual.id_publico, motivo=motivo), version=actual.version
        )
        soltar([actual], actor=actor)
        if actual.lote_id:
            lote_pk = actual.lote_id
            transaction.on_commit(lambda: terminar_lote(lote_pk=lote_pk, actor=actor), robust=True)
    return actual
