"""Resolving payments: what is known of one, whoever tells it, is applied once."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from typing import Literal

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from alpespartner.comun import dinero
from alpespartner.comun.acceso import presencia
from alpespartner.comun.actores import Actor
from alpespartner.comun.historial import paso
from alpespartner.comun.textos import exigir_motivo
from comisiones import eventos
from comisiones.ajustes.services import deber_de_nuevo
from comisiones.comision.estados import COMISION, EstadoComision
from comisiones.comision.models import Comision
from comisiones.pagos.errores import PagoCambiado, PagoNoIncierto, PasarelaResponde
from comisiones.pagos.estados import PAGO, PAGO_ABIERTO, PAGO_EN_CURSO, EstadoPago
from comisiones.pagos.models import Pago
from comisiones.pagos.pago.armado import soltar
from comisiones.pagos.pago.asientos import (
    asentar_impago,
    asentar_liquidaciones,
    contrapartida_devuelta,
)
from comisiones.pagos.pago.bloqueo import bloquear, bloquear_todos, orden_de
from comisiones.pagos.pago.fin_de_lote import terminar_lote
from comisiones.pagos.pasarelas.interfaz import Respuesta, es_por_fichero, pasarela_de
from outbox.publicacion import publicar, publicar_todos

log = logging.getLogger(__name__)

# What a report of a payment did.
Aplicacion = Literal["aplicado", "repetido", "contradice"]


def resolver_pago(*, pago_pk: int, respuesta: Respuesta, actor: Actor) -> Aplicacion:
    """Apply what is known of a payment, whoever tells it: gateway, notice, statement or person.

    Repeating it changes nothing. What contradicts an answer that we already had changes nothing
    either: it is logged as an error and a person looks into it.
    """
    return resolver_pagos({pago_pk: respuesta}, actor=actor)[pago_pk]


def resolver_pagos(respuestas: Mapping[int, Respuesta], *, actor: Actor) -> dict[int, Aplicacion]:
    """:func:`resolver_pago` for several, by key, in one transaction: all or none."""
    aplicado: dict[int, Aplicacion] = {}
    with transaction.atomic():
        pagos = bloquear_todos(respuestas)
        llegados = {}
        for pago in pagos:
            respuesta = respuestas[pago.pk]
            aplicado[pago.pk] = _que_hace(pago, respuesta)
            if aplicado[pago.pk] != "aplicado":
                continue
            if respuesta.estado == "pagado":
                llegados[pago] = respuesta.referencia
            else:
                _aplicar(pago, respuesta, actor)
        _pagados(llegados, actor)
        acabados = {
            pago.lote_id
            for pago in pagos
            if pago.lote_id and aplicado[pago.pk] == "aplicado" and pago.estado not in PAGO_ABIERTO
        }
        for lote_pk in acabados:
            # After the commit: of two last payments, at least one sees that both are done.
            transaction.on_commit(partial(terminar_lote, lote_pk=lote_pk, actor=actor), robust=True)
    return aplicado


def _que_hace(pago: Pago, respuesta: Respuesta) -> Aplicacion:
    """What a result would do to a locked payment."""
    dicho = respuesta.estado
    if pago.estado == dicho or (dicho == "incierto" and pago.estado != EstadoPago.ENVIANDO):
        return "repetido"
    if pago.estado == EstadoPago.PAGADO and dicho == "devuelto":
        return "aplicado"
    if pago.estado == EstadoPago.DEVUELTO and dicho == "pagado":
        # The news of the payment comes after that of its return.
        return "repetido"
    if pago.estado not in PAGO_EN_CURSO:
        log.error("%s está %s y ahora dicen %s", pago.id_publico, pago.estado, dicho)
        return "contradice"
    return "aplicado"


def _aplicar(pago: Pago, respuesta: Respuesta, actor: Actor) -> None:
    """Any result but that it was paid."""
    if respuesta.estado == "incierto":
        dejar_incierto(pago, respuesta.detalle, actor)
    elif pago.estado == EstadoPago.PAGADO:
        _devuelto(pago, respuesta, actor)
    else:
        # What came back before we knew that it had left was not paid.
        _fallido(pago, respuesta, actor)


def dejar_incierto(pago: Pago, detalle: str, actor: Actor) -> None:
    """Nobody knows what became of a locked payment: it will be asked about."""
    pago.detalle = detalle[:500]
    PAGO.transitar(
        pago,
        EstadoPago.INCIERTO,
        accion="dejar_incierto",
        actor=actor,
        motivo=pago.detalle,
        campos=("detalle",),
    )
    publicar(eventos.PagoIncierto(pago_id=pago.id_publico), version=pago.version)


def _pagados(referencias: Mapping[Pago, str], actor: Actor) -> None:
    """Payments that arrived, with what the gateway calls each."""
    if not referencias:
        return
    ahora = timezone.now()
    pagos = list(referencias)
    for pago, referencia in referencias.items():
        pago.detalle = referencia[:500]
    PAGO.transitar_todos(
        pagos,
        EstadoPago.PAGADO,
        accion="confirmar",
        actor=actor,
        datos={p.id_publico: {"referencia": referencias[p]} for p in pagos},
        valores={"pagado_en": ahora},
        campos=("detalle",),
    )
    asentar_liquidaciones(pagos)
    comisiones = list(
        Comision.objects.filter(item_vivo__pago__in=pagos)
        .annotate(pago_pk=F("item_vivo__pago"))
        .defer("traza")
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    por_pk = {pago.pk: pago for pago in pagos}
    COMISION.transitar_todos(
        comisiones,
        EstadoComision.PAGADA,
        accion="pagar",
        actor=actor,
        datos={c.id_publico: {"pago_id": por_pk[c.pago_pk].id_publico} for c in comisiones},
        valores={"pagada_en": ahora},
    )
    confirmados = [
        (
            eventos.PagoConfirmado(
                pago_id=pago.id_publico,
                afiliado_id=pago.afiliado.id_publico,
                importe=dinero.texto(pago.importe, pago.moneda),
                retenido=dinero.texto(pago.retenido, pago.moneda),
                moneda=pago.moneda,
                referencia=referencia,
            ),
            pago.version,
        )
        for pago, referencia in referencias.items()
    ]
    pagadas = [
        (
            eventos.ComisionPagada(
                comision_id=comision.id_publico,
                pago_id=por_pk[comision.pago_pk].id_publico,
                monto=dinero.texto(comision.monto, comision.moneda),
                moneda=comision.moneda,
            ),
            comision.version,
        )
        for comision in comisiones
    ]
    publicar_todos([*confirmados, *pagadas])


def _devuelto(pago: Pago, respuesta: Respuesta, actor: Actor) -> None:
    """The money came back: its rows stay as paid and a new one owes it again."""
    motivo = (respuesta.detalle or "El banco lo devolvió.")[:500]
    pago.detalle = motivo
    PAGO.transitar(
        pago,
        EstadoPago.DEVUELTO,
        accion="recibir_devolucion",
        actor=actor,
        motivo=motivo,
        campos=("detalle",),
    )
    ajuste = deber_de_nuevo(
        afiliado=pago.afiliado,
        monto=pago.bruto,
        moneda=pago.moneda,
        contra=contrapartida_devuelta(pago),
        motivo=f"{pago.id_publico}: {motivo}"[:500],
        actor=actor,
    )
    publicar(
        eventos.PagoDevuelto(
            pago_id=pago.id_publico,
            afiliado_id=pago.afiliado.id_publico,
            importe=dinero.texto(pago.importe, pago.moneda),
            moneda=pago.moneda,
            ajuste_id=ajuste.id_publico,
        ),
        version=pago.version,
    )


def _fallido(pago: Pago, respuesta: Respuesta, actor: Actor) -> None:
    pago.detalle = respuesta.detalle[:500]
    PAGO.transitar(
        pago,
        EstadoPago.FALLIDO,
        accion="fallar",
        actor=actor,
        motivo=pago.detalle,
        campos=("detalle",),
    )
    asentar_impago(pago)
    publicar(
        eventos.PagoFallido(pago_id=pago.id_publico, motivo=pago.detalle), version=pago.version
    )
    soltar([pago], actor=actor)


def preguntar_antes(*, pago: Pago, actor: Actor) -> int:
    """Ask the gateway about an uncertain payment before a person says what became of it; returns
    the version of the payment that it was asked about.

    Raises :class:`PagoNoIncierto`, and :class:`PasarelaResponde` when the gateway knows: then its
    answer is applied.
    """
    visto = Pago.objects.select_related("afiliado").get(pk=pago.pk)
    _exigir_decidible(visto)
    presencia.exigir(actor)
    sabido = pasarela_de(visto.pasarela).consultar(orden_de(visto))
    if sabido is not None and sabido.estado != "incierto":
        resolver_pago(pago_pk=visto.pk, respuesta=sabido, actor=actor)
        raise PasarelaResponde()
    return visto.version


def decidir_pago(
    *, pago: Pago, pagado: bool, actor: Actor, motivo: str, preguntado: int | None = None
) -> Pago:
    """A person says what became of an uncertain payment, after looking at the provider's side.

    The gateway is asked first, unless it was about the version ``preguntado``. A reason is
    required; raises what :func:`preguntar_antes` does, and :class:`PagoCambiado`. That it was not
    paid takes two persons: see ``propuestas.py``.
    """
    motivo = exigir_motivo(motivo)
    if preguntado is None:
        preguntado = preguntar_antes(pago=pago, actor=actor)
    with transaction.atomic():
        actual = bloquear(pago.pk)
        _exigir_decidible(actual)
        if actual.version != preguntado:
            # The sweep took it meanwhile: the money may be leaving right now.
            raise PagoCambiado(_("El pago acaba de cambiar: míralo otra vez."))
        paso(
            entidad="pago", entidad_id=actual.id_publico, accion="decidir", actor=actor,
            motivo=motivo,
        ).save()  # fmt: skip
        respuesta = (
            Respuesta("pagado", referencia=motivo)
            if pagado
            else Respuesta("fallido", detalle=motivo)
        )
        resolver_pago(pago_pk=actual.pk, respuesta=respuesta, actor=actor)
    actual.refresh_from_db()
    return actual


def es_decidible(pago: Pago) -> bool:
    """Whether a person may say what became of a payment: nobody else knows."""
    en_fichero = pago.estado == EstadoPago.ENVIANDO and es_por_fichero(pago.pasarela)
    return pago.estado == EstadoPago.INCIERTO or en_fichero


def _exigir_decidible(pago: Pago) -> None:
    if not es_decidible(pago):
        raise PagoNoIncierto()
