"""Sending payments: claim, send, ask again.

The intent to send is committed before the gateway is called, and what nobody knows for certain is
asked about before anything is sent again: that is what makes paying twice impossible.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from alpespartner.comun.actores import Actor
from alpespartner.comun.medidas import medido
from comisiones import eventos
from comisiones.pagos.estados import PAGO, EstadoPago
from comisiones.pagos.models import Pago
from comisiones.pagos.pago.bloqueo import bloquear, bloquear_tanda, orden_de, puede_salir
from comisiones.pagos.pago.resolucion import dejar_incierto, resolver_pago, resolver_pagos
from comisiones.pagos.pago.salida import dar_salida
from comisiones.pagos.pasarelas.interfaz import Orden, Respuesta, pasarela_de
from outbox.publicacion import publicar

log = logging.getLogger(__name__)

# Calls to a gateway at once by one process: more, times the workers, is more than some take.
A_LA_VEZ = 4


@medido
def ejecutar_pago(*, pago_pk: int, actor: Actor) -> None:
    """Send a payment that is ``listo``, and a few that wait behind it in its batch.

    Several at once cost little more than one: their own tasks find them gone. Any other state is
    somebody else's business.
    """
    ordenes = _reclamar(pago_pk, actor)
    if ordenes:
        _enviar(ordenes, actor)


def _reclamar(pago_pk: int, actor: Actor) -> dict[int, Orden]:
    """Take payments and commit the intent to send them: what to ask for, by payment."""
    with transaction.atomic():
        ordenes = {pago: _orden_si_sale(pago) for pago in bloquear_tanda(pago_pk)}
        salen = {pago: orden for pago, orden in ordenes.items() if orden is not None}
        if salen:
            dar_salida({pago: orden.huella for pago, orden in salen.items()}, actor=actor)
    return {pago.pk: orden for pago, orden in salen.items()}


def _orden_si_sale(pago: Pago) -> Orden | None:
    try:
        return orden_de(pago) if puede_salir(pago) else None
    except Exception:
        # One that cannot be sent must not keep those beside it.
        log.exception("%s: no se puede enviar", pago.id_publico)
        return None


def _enviar(ordenes: Mapping[int, Orden], actor: Actor) -> None:
    pedidas = list(ordenes.values())
    if len(pedidas) == 1:
        dichos = [_pedir(pedidas[0])]
    else:
        with ThreadPoolExecutor(A_LA_VEZ) as hilos:
            dichos = list(hilos.map(_pedir, pedidas))
    resolver_pagos(dict(zip(ordenes, dichos, strict=True)), actor=actor)


def _pedir(orden: Orden) -> Respuesta:
    try:
        return pasarela_de(orden.pasarela).enviar(orden)
    except Exception as exc:
        # Whatever went wrong, the gateway may have paid.
        log.exception("%s: la pasarela falló al enviar", orden.pago_id)
        return Respuesta("incierto", detalle=type(exc).__name__)


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
    respuesta = pasarela.consultar(orden)
    if respuesta is not None:
        resolver_pago(pago_pk=pago_pk, respuesta=respuesta, actor=actor)
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
    _enviar({pago_pk: orden}, actor)


def _enviado_hace(pago: Pago) -> timedelta:
    """Since when a gateway may have had it."""
    return timezone.now() - pago.intentos.earliest("creado_en").creado_en
