"""All writes of payments: schedule, send, resolve.

The intent to send is committed before the gateway is called, and what nobody knows for certain is
asked about before anything is sent again: that is what makes paying twice impossible.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from afiliados.estados import EstadoAfiliado
from alpespartner.comun import dinero
from alpespartner.comun.actores import Actor
from alpespartner.comun.errores import Conflicto
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import nuevo_id
from comisiones import eventos
from comisiones.estados import COMISION, PAGO, EstadoComision, EstadoPago
from comisiones.libro.models import Cuenta, TipoAsiento
from comisiones.libro.services import Linea, asentar
from comisiones.models import Comision
from comisiones.pagos.models import IntentoPago, ItemPago, Pago
from comisiones.pagos.pasarela import Orden, Resultado, pasarela_configurada
from outbox.services import publicar

log = logging.getLogger(__name__)


def programar_pagos(*, comisiones_ids: Sequence[str], actor: Actor) -> list[Pago]:
    """Make a payment for each approved and matured commission (public ids) that has none.

    The others are left for the sweeper. The payment is queued when the transaction commits.
    """
    pagos = []
    with transaction.atomic():
        comisiones = (
            Comision.objects.filter(
                id_publico__in=comisiones_ids,
                estado=EstadoComision.APROBADA,
                madura_en__lte=timezone.now(),
                monto__gt=0,
            )
            .exclude(afiliado__estado=EstadoAfiliado.BLOQUEADO)
            .select_related("afiliado")
            .select_for_update(of=("self",))
            .order_by("pk")
        )
        for comision in comisiones:
            pagos.append(_programar(comision, actor))
    return pagos


def _programar(comision: Comision, actor: Actor) -> Pago:
    pago = Pago.objects.create(
        id_publico=nuevo_id("pago"),
        afiliado=comision.afiliado,
        importe=comision.monto,
        moneda=comision.moneda,
        pasarela=pasarela_configurada().nombre,
    )
    ItemPago.objects.create(
        pago=pago,
        comision=comision,
        comision_viva=comision,
        importe=comision.monto,
        moneda=comision.moneda,
    )
    paso(
        entidad="pago", entidad_id=pago.id_publico, accion="programar", actor=actor,
        estado_nuevo=pago.estado,
    ).save()  # fmt: skip
    COMISION.transitar(
        comision,
        EstadoComision.PROGRAMADA,
        accion="programar",
        actor=actor,
        datos={"pago_id": pago.id_publico},
    )
    publicar(
        eventos.ComisionProgramada(comision_id=comision.id_publico, pago_id=pago.id_publico),
        version=comision.version,
    )
    encolar(pago.pk)
    return pago


def encolar(pago_pk: int) -> None:
    """Queue the task of a payment when the transaction commits; the sweeper covers a lost one."""
    from comisiones.pagos.tasks import ejecutar

    # Robust: a broker that is down must not look like a failed transaction.
    transaction.on_commit(lambda: ejecutar.delay(pago_pk), robust=True)


def ejecutar_pago(*, pago_pk: int, actor: Actor) -> None:
    """Send a payment that is ``listo``; any other state is somebody else's business."""
    orden = _reclamar(pago_pk, actor)
    if orden is not None:
        _enviar(pago_pk, orden, actor)


def _reclamar(pago_pk: int, actor: Actor) -> Orden | None:
    """Take a payment and commit the intent to send it."""
    with transaction.atomic():
        pago = _bloquear(pago_pk)
        if pago.estado != EstadoPago.LISTO or pago.afiliado.estado == EstadoAfiliado.BLOQUEADO:
            return None
        orden = _orden(pago)
        PAGO.transitar(pago, EstadoPago.ENVIANDO, accion="enviar", actor=actor)
        IntentoPago(pago=pago, clave=orden.clave, huella=orden.huella).save()
        publicar(_enviado(pago), version=pago.version)
    return orden


def _enviado(pago: Pago) -> eventos.PagoEnviado:
    return eventos.PagoEnviado(
        pago_id=pago.id_publico,
        afiliado_id=pago.afiliado.id_publico,
        importe=dinero.texto(pago.importe, pago.moneda),
        moneda=pago.moneda,
    )


def _bloquear(pago_pk: int) -> Pago:
    return Pago.objects.select_related("afiliado").select_for_update(of=("self",)).get(pk=pago_pk)


def _orden(pago: Pago) -> Orden:
    return Orden(
        # One key for the life of the payment: a new try of its commissions is a new payment.
        clave=pago.id_publico,
        pago_id=pago.id_publico,
        afiliado_id=pago.afiliado.id_publico,
        beneficiario=pago.afiliado.nombre,
        importe=pago.importe,
        moneda=pago.moneda,
        fecha=f"{pago.creado_en:%Y-%m-%d}",
    )


def _enviar(pago_pk: int, orden: Orden, actor: Actor) -> None:
    try:
        resultado = pasarela_configurada().enviar(orden)
    except Exception as exc:
        # Whatever went wrong, the gateway may have paid.
        log.exception("%s: la pasarela falló al enviar", orden.pago_id)
        resultado = Resultado("incierto", detalle=type(exc).__name__)
    resolver_pago(pago_pk=pago_pk, resultado=resultado, actor=actor)


def reanudar_pago(*, pago_pk: int, actor: Actor) -> None:
    """Ask the gateway about a payment left ``enviando`` or ``incierto``; send it again, with the
    same key, only when it never arrived and its affiliate is not blocked."""
    with transaction.atomic():
        pago = _bloquear(pago_pk)
        if pago.estado == EstadoPago.ENVIANDO:
            _dejar_incierto(pago, "El envío se interrumpió.", actor)
        if pago.estado != EstadoPago.INCIERTO:
            return
        orden = _orden(pago)
    resultado = pasarela_configurada().consultar(orden)
    if resultado is not None:
        resolver_pago(pago_pk=pago_pk, resultado=resultado, actor=actor)
        return
    with transaction.atomic():
        pago = _bloquear(pago_pk)
        if pago.estado != EstadoPago.INCIERTO or pago.afiliado.estado == EstadoAfiliado.BLOQUEADO:
            return
        PAGO.transitar(pago, EstadoPago.ENVIANDO, accion="reenviar", actor=actor)
        publicar(eventos.PagoReenviado(pago_id=pago.id_publico), version=pago.version)
    _enviar(pago_pk, orden, actor)


def resolver_pago(*, pago_pk: int, resultado: Resultado, actor: Actor) -> None:
    """Apply what a gateway said, once: repeating it changes nothing."""
    with transaction.atomic():
        pago = _bloquear(pago_pk)
        if pago.estado not in (EstadoPago.ENVIANDO, EstadoPago.INCIERTO):
            return
        if resultado.estado == "pagado":
            _pagado(pago, resultado, actor)
        elif resultado.estado == "fallido":
            _fallido(pago, resultado, actor)
        elif pago.estado == EstadoPago.ENVIANDO:
            _dejar_incierto(pago, resultado.detalle, actor)


def _dejar_incierto(pago: Pago, detalle: str, actor: Actor) -> None:
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


def _pagado(pago: Pago, resultado: Resultado, actor: Actor) -> None:
    ahora = timezone.now()
    pago.pagado_en = ahora
    pago.detalle = resultado.referencia[:500]
    PAGO.transitar(
        pago,
        EstadoPago.PAGADO,
        accion="confirmar",
        actor=actor,
        datos={"referencia": resultado.referencia},
        campos=("pagado_en", "detalle"),
    )
    asentar(
        tipo=TipoAsiento.PAGO,
        origen=pago.id_publico,
        lineas=[
            Linea(Cuenta.POR_PAGAR, pago.importe, pago.moneda, pago.afiliado),
            Linea(Cuenta.COMPENSACION, -pago.importe, pago.moneda),
        ],
    )
    asentar(
        tipo=TipoAsiento.LIQUIDACION,
        origen=pago.id_publico,
        lineas=[
            Linea(Cuenta.COMPENSACION, pago.importe, pago.moneda),
            Linea(Cuenta.BANCO, -pago.importe, pago.moneda),
        ],
    )
    publicar(
        eventos.PagoConfirmado(
            pago_id=pago.id_publico,
            afiliado_id=pago.afiliado.id_publico,
            importe=dinero.texto(pago.importe, pago.moneda),
            moneda=pago.moneda,
            referencia=resultado.referencia,
        ),
        version=pago.version,
    )
    for comision in _comisiones_de(pago):
        comision.pagada_en = ahora
        COMISION.transitar(
            comision,
            EstadoComision.PAGADA,
            accion="pagar",
            actor=actor,
            datos={"pago_id": pago.id_publico},
            campos=("pagada_en",),
        )
        publicar(
            eventos.ComisionPagada(
                comision_id=comision.id_publico,
                pago_id=pago.id_publico,
                monto=dinero.texto(comision.monto, comision.moneda),
                moneda=comision.moneda,
            ),
            version=comision.version,
        )


def _fallido(pago: Pago, resultado: Resultado, actor: Actor) -> None:
    pago.detalle = resultado.detalle[:500]
    PAGO.transitar(
        pago,
        EstadoPago.FALLIDO,
        accion="fallar",
        actor=actor,
        motivo=pago.detalle,
        campos=("detalle",),
    )
    comisiones = _comisiones_de(pago)
    pago.items.update(comision_viva=None)
    publicar(
        eventos.PagoFallido(pago_id=pago.id_publico, motivo=pago.detalle), version=pago.version
    )
    for comision in comisiones:
        COMISION.transitar(
            comision,
            EstadoComision.APROBADA,
            accion="devolver_a_aprobada",
            actor=actor,
            datos={"pago_id": pago.id_publico},
        )
        publicar(
            eventos.ComisionDesprogramada(comision_id=comision.id_publico, pago_id=pago.id_publico),
            version=comision.version,
        )


def _comisiones_de(pago: Pago) -> list[Comision]:
    return list(
        Comision.objects.filter(item_vivo__pago=pago).select_for_update(of=("self",)).order_by("pk")
    )


def reintentar_pago(*, pago: Pago, actor: Actor) -> list[Pago]:
    """Make a new payment for the commissions of one that failed for certain.

    Raises :class:`Conflicto` when it did not fail, or nothing of it is due any more.
    """
    with transaction.atomic():
        actual = _bloquear(pago.pk)
        if actual.estado != EstadoPago.FALLIDO:
            raise Conflicto(_("Solo se reintenta un pago fallido."), codigo="pago_no_fallido")
        ids = list(actual.items.values_list("comision__id_publico", flat=True))
        pagos = programar_pagos(comisiones_ids=ids, actor=actor)
        if not pagos:
            raise Conflicto(
                _("Sus comisiones ya están en otro pago, o su afiliado está bloqueado."),
                codigo="nada_que_pagar",
            )
        return pagos


def barrer_pagos(*, actor: Actor, limite: int = 500) -> dict[str, int]:
    """What the queue lost or time brought: matured commissions are scheduled, ready payments are
    queued and interrupted ones resumed. Returns how many of each."""
    ahora = timezone.now()
    espera = ahora - timedelta(seconds=settings.PAGOS_SEGUNDOS_BARRIDO)
    maduras = list(
        Comision.objects.filter(estado=EstadoComision.APROBADA, madura_en__lte=ahora, monto__gt=0)
        .exclude(afiliado__estado=EstadoAfiliado.BLOQUEADO)
        # A person decides about one that failed for certain.
        .exclude(items_pago__pago__estado=EstadoPago.FALLIDO)
        # The event of a fresh approval is on its way.
        .filter(actualizado_en__lt=espera)
        .order_by("madura_en")
        .values_list("id_publico", flat=True)[:limite]
    )
    programados = programar_pagos(comisiones_ids=maduras, actor=actor) if maduras else []
    listos = list(
        Pago.objects.filter(estado=EstadoPago.LISTO, actualizado_en__lt=espera)
        .exclude(afiliado__estado=EstadoAfiliado.BLOQUEADO)
        .order_by("actualizado_en")
        .values_list("pk", flat=True)[:limite]
    )
    for pk in listos:
        encolar(pk)
    corte = ahora - timedelta(seconds=settings.PAGOS_SEGUNDOS_INCIERTO)
    colgados = list(
        Pago.objects.filter(
            estado__in=(EstadoPago.ENVIANDO, EstadoPago.INCIERTO), actualizado_en__lt=corte
        )
        .order_by("actualizado_en")
        .values_list("pk", flat=True)[:limite]
    )
    for pk in colgados:
        try:
            reanudar_pago(pago_pk=pk, actor=actor)
        except Exception:
            # One that the gateway cannot answer for must not stop those behind it.
            log.exception("pago %s: no se pudo reanudar", pk)
    return {
        "programados": len(programados),
        "encolados": len(listos),
        "reanudados": len(colgados),
    }
