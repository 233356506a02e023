"""Sending payments: claim, send, ask again.

The intent to send is committed before the gateway is called, and what nobody knows for certain is
asked about before anything is sent again: that is what makes paying twice impossible.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from alpespartner.comun import dinero
from alpespartner.comun.actores import Actor
from comisiones import eventos
from comisiones.estados import PAGO, EstadoPago
from comisiones.pagos.asientos import asentar_envios
from comisiones.pagos.models import IntentoPago, Pago
from comisiones.pagos.ordenes import bloquear, orden_de, puede_salir
from comisiones.pagos.pasarela import Orden, Resultado, pasarela_de
from comisiones.pagos.resolucion import dejar_incierto, resolver_pago
from outbox.services import publicar

log = logging.getLogger(__name__)


def ejecutar_pago(*, pago_pk: int, actor: Actor) -> None:
    """Send a payment that is ``listo``; any other state is somebody else's business."""
    orden = _reclamar(pago_pk, actor)
    if orden is not None:
        _enviar(pago_pk, orden, actor)


def _reclamar(pago_pk: int, actor: Actor) -> Orden | None:
    """Take a payment and commit the intent to send it."""
    with transaction.atomic():
        pago = bloquear(pago_pk)
        if pago.estado != EstadoPago.LISTO or not puede_salir(pago):
            return None
        orden = orden_de(pago)
        PAGO.transitar(pago, EstadoPago.ENVIANDO, accion="enviar", actor=actor)
        IntentoPago(pago=pago, clave=orden.clave, huella=orden.huella).save()
        asentar_envios([pago])
        publicar(_enviado(pago), version=pago.version)
    return orden


def _enviado(pago: Pago) -> eventos.PagoEnviado:
    return eventos.PagoEnviado(
        pago_id=pago.id_publico,
        afiliado_id=pago.afiliado.id_publico,
        importe=dinero.texto(pago.importe, pago.moneda),
        retenido=dinero.texto(pago.retenido, pago.moneda),
        moneda=pago.moneda,
    )


def _enviar(pago_pk: int, orden: Orden, actor: Actor) -> None:
    try:
        resultado = pasarela_de(orden.pasarela).enviar(orden)
    except Exception as exc:
        # Whatever went wrong, the gateway may have paid.
        log.exception("%s: la pasarela falló al enviar", orden.pago_id)
        resultado = Resultado("incierto", detalle=type(exc).__name__)
    resolver_pago(pago_pk=pago_pk, resultado=resultado, actor=actor)


def reanudar_pago(*, pago_pk: int, actor: Actor) -> None:
    """Ask the gateway about a payment left ``enviando`` or ``incierto``; send it again, with the
    same key, only when it never arrived and its affiliate is not blocked."""
    with transaction.atomic():
        pago = bloquear(pago_pk)
        if pago.estado == EstadoPago.ENVIANDO:
            dejar_incierto(pago, "El envío se interrumpió.", actor)
        if pago.estado != EstadoPago.INCIERTO:
            return
        orden = orden_de(pago)
    pasarela = pasarela_de(orden.pasarela)
    resultado = pasarela.consultar(orden)
    if resultado is not None:
        resolver_pago(pago_pk=pago_pk, resultado=resultado, actor=actor)
        return
    with transaction.atomic():
        pago = bloquear(pago_pk)
        if pago.estado != EstadoPago.INCIERTO or not puede_salir(pago):
            return
        if pasarela.ventana and _enviado_hace(pago) > pasarela.ventana:
            # It may have forgotten the key: that it does not know it proves nothing.
            return
        # Where it is paid may have changed while the gateway was asked.
        orden = orden_de(pago)
        PAGO.transitar(pago, EstadoPago.ENVIANDO, accion="reenviar", actor=actor)
        publicar(eventos.PagoReenviado(pago_id=pago.id_publico), version=pago.version)
    _enviar(pago_pk, orden, actor)


def _enviado_hace(pago: Pago) -> timedelta:
    """Since when a gateway may have had it."""
    return timezone.now() - pago.intentos.earliest("creado_en").creado_en
