"""All writes of payments: schedule, send, resolve.

The intent to send is committed before the gateway is called, and what nobody knows for certain is
asked about before anything is sent again: that is what makes paying twice impossible.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from django.conf import settings
from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from afiliados.estados import EstadoAfiliado
from alpespartner.comun import dinero
from alpespartner.comun.actores import Actor
from alpespartner.comun.errores import Conflicto
from alpespartner.comun.historial import paso
from alpespartner.comun.textos import exigir_motivo
from comisiones import eventos
from comisiones.ajustes.services import deber_de_nuevo
from comisiones.estados import (
    COMISION,
    LOTE,
    PAGO,
    PAGO_ABIERTO,
    EstadoComision,
    EstadoLote,
    EstadoPago,
)
from comisiones.libro.models import Cuenta, TipoAsiento
from comisiones.libro.services import Linea, asentar
from comisiones.models import Comision
from comisiones.pagos.armado import (
    ajustes_de,
    ajustes_pendientes,
    crear_pagos,
    pagables,
    reunir,
    separar,
    soltar,
)
from comisiones.pagos.cola import encolar
from comisiones.pagos.lotes import barrer_lotes, terminar_lote
from comisiones.pagos.models import IntentoPago, LotePago, Pago
from comisiones.pagos.pasarela import (
    Orden,
    Resultado,
    es_por_fichero,
    pasarela_configurada,
    pasarela_de,
    pasarelas,
)
from outbox.services import publicar, publicar_todos

log = logging.getLogger(__name__)

# What a report of a payment did.
Aplicacion = Literal["aplicado", "repetido", "contradice"]


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
        encolar([pago.pk for pago in pagos])
    return pagos


def ejecutar_pago(*, pago_pk: int, actor: Actor) -> None:
    """Send a payment that is ``listo``; any other state is somebody else's business."""
    orden = _reclamar(pago_pk, actor)
    if orden is not None:
        _enviar(pago_pk, orden, actor)


def _reclamar(pago_pk: int, actor: Actor) -> Orden | None:
    """Take a payment and commit the intent to send it."""
    with transaction.atomic():
        pago = _bloquear(pago_pk)
        if pago.estado != EstadoPago.LISTO or not _puede_salir(pago):
            return None
        orden = _orden(pago)
        PAGO.transitar(pago, EstadoPago.ENVIANDO, accion="enviar", actor=actor)
        IntentoPago(pago=pago, clave=orden.clave, huella=orden.huella).save()
        publicar(_enviado(pago), version=pago.version)
    return orden


def _puede_salir(pago: Pago) -> bool:
    """Whether its affiliate may be paid, where it is paid did not change a short time ago, and its
    batch, if any, was released and is running."""
    if pago.lote is not None and pago.lote.estado != EstadoLote.EN_EJECUCION:
        return False
    if pago.afiliado.estado == EstadoAfiliado.BLOQUEADO:
        return False
    cuenta = getattr(pago.afiliado, "cuenta", None)
    if cuenta is None:
        return not pasarela_de(pago.pasarela).exige_cuenta
    return cuenta.utilizable_en <= timezone.now()


def _enviado_hace(pago: Pago) -> timedelta:
    """Since when a gateway may have had it."""
    return timezone.now() - pago.intentos.earliest("creado_en").creado_en


def _enviado(pago: Pago) -> eventos.PagoEnviado:
    return eventos.PagoEnviado(
        pago_id=pago.id_publico,
        afiliado_id=pago.afiliado.id_publico,
        importe=dinero.texto(pago.importe, pago.moneda),
        moneda=pago.moneda,
    )


def _bloquear(pago_pk: int) -> Pago:
    return (
        Pago.objects.select_related("afiliado__cuenta", "lote")
        .select_for_update(of=("self",))
        .get(pk=pago_pk)
    )


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
        pasarela=pago.pasarela,
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
        pago = _bloquear(pago_pk)
        if pago.estado == EstadoPago.ENVIANDO:
            _dejar_incierto(pago, "El envío se interrumpió.", actor)
        if pago.estado != EstadoPago.INCIERTO:
            return
        orden = _orden(pago)
    pasarela = pasarela_de(orden.pasarela)
    resultado = pasarela.consultar(orden)
    if resultado is not None:
        resolver_pago(pago_pk=pago_pk, resultado=resultado, actor=actor)
        return
    with transaction.atomic():
        pago = _bloquear(pago_pk)
        if pago.estado != EstadoPago.INCIERTO or not _puede_salir(pago):
            return
        if pasarela.ventana and _enviado_hace(pago) > pasarela.ventana:
            # It may have forgotten the key: that it does not know it proves nothing.
            return
        PAGO.transitar(pago, EstadoPago.ENVIANDO, accion="reenviar", actor=actor)
        publicar(eventos.PagoReenviado(pago_id=pago.id_publico), version=pago.version)
    _enviar(pago_pk, orden, actor)


def resolver_pago(*, pago_pk: int, resultado: Resultado, actor: Actor) -> Aplicacion:
    """Apply what is known of a payment, whoever tells it: gateway, notice, statement or person.

    Repeating it changes nothing. What contradicts an answer that we already had changes nothing
    either: it is logged as an error and a person looks into it.
    """
    with transaction.atomic():
        pago = _bloquear(pago_pk)
        dicho = resultado.estado
        if pago.estado == dicho or (dicho == "incierto" and pago.estado != EstadoPago.ENVIANDO):
            return "repetido"
        if pago.estado == EstadoPago.PAGADO and dicho == "devuelto":
            _devuelto(pago, resultado, actor)
            return "aplicado"
        if pago.estado == EstadoPago.DEVUELTO and dicho == "pagado":
            # The news of the payment comes after that of its return.
            return "repetido"
        if pago.estado not in (EstadoPago.ENVIANDO, EstadoPago.INCIERTO):
            log.error("%s está %s y ahora dicen %s", pago.id_publico, pago.estado, dicho)
            return "contradice"
        if dicho == "pagado":
            _pagado(pago, resultado, actor)
        elif dicho == "incierto":
            _dejar_incierto(pago, resultado.detalle, actor)
        else:
            # What came back before we knew that it had left was not paid.
            _fallido(pago, resultado, actor)
        if pago.lote_id and pago.estado not in PAGO_ABIERTO:
            lote_pk = pago.lote_id
            # After the commit: of two last payments, at least one sees that both are done.
            transaction.on_commit(lambda: terminar_lote(lote_pk=lote_pk, actor=actor), robust=True)
    return "aplicado"


def decidir_pago(*, pago: Pago, pagado: bool, actor: Actor, motivo: str) -> Pago:
    """A person says what became of an uncertain payment, after looking at the provider's side.

    The gateway is asked first: when it knows, its answer is applied instead. A reason is required;
    raises :class:`Conflicto` (``pago_no_incierto``, ``pasarela_responde``, ``pago_cambiado``).
    """
    motivo = exigir_motivo(motivo)
    visto = Pago.objects.select_related("afiliado").get(pk=pago.pk)
    _exigir_decidible(visto)
    sabido = pasarela_de(visto.pasarela).consultar(_orden(visto))
    if sabido is not None and sabido.estado != "incierto":
        resolver_pago(pago_pk=visto.pk, resultado=sabido, actor=actor)
        raise Conflicto(
            _("La pasarela sí sabe qué fue de él, y se aplicó lo que dice."),
            codigo="pasarela_responde",
        )
    with transaction.atomic():
        actual = _bloquear(pago.pk)
        _exigir_decidible(actual)
        if actual.version != visto.version:
            # The sweep took it meanwhile: the money may be leaving right now.
            raise Conflicto(_("El pago acaba de cambiar: míralo otra vez."), codigo="pago_cambiado")
        paso(
            entidad="pago", entidad_id=actual.id_publico, accion="decidir", actor=actor,
            motivo=motivo,
        ).save()  # fmt: skip
        resultado = (
            Resultado("pagado", referencia=motivo)
            if pagado
            else Resultado("fallido", detalle=motivo)
        )
        resolver_pago(pago_pk=actual.pk, resultado=resultado, actor=actor)
    actual.refresh_from_db()
    return actual


def _exigir_decidible(pago: Pago) -> None:
    en_fichero = pago.estado == EstadoPago.ENVIANDO and es_por_fichero(pago.pasarela)
    if pago.estado != EstadoPago.INCIERTO and not en_fichero:
        raise Conflicto(_("Solo se decide sobre un pago incierto."), codigo="pago_no_incierto")


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
    comisiones = list(
        Comision.objects.filter(item_vivo__pago=pago)
        .defer("traza")
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    COMISION.transitar_todos(
        comisiones,
        EstadoComision.PAGADA,
        accion="pagar",
        actor=actor,
        datos={c.id_publico: {"pago_id": pago.id_publico} for c in comisiones},
        valores={"pagada_en": ahora},
    )
    confirmado = eventos.PagoConfirmado(
        pago_id=pago.id_publico,
        afiliado_id=pago.afiliado.id_publico,
        importe=dinero.texto(pago.importe, pago.moneda),
        moneda=pago.moneda,
        referencia=resultado.referencia,
    )
    pagadas = [
        (
            eventos.ComisionPagada(
                comision_id=comision.id_publico,
                pago_id=pago.id_publico,
                monto=dinero.texto(comision.monto, comision.moneda),
                moneda=comision.moneda,
            ),
            comision.version,
        )
        for comision in comisiones
    ]
    publicar_todos([(confirmado, pago.version), *pagadas])


def _devuelto(pago: Pago, resultado: Resultado, actor: Actor) -> None:
    """The money came back: its rows stay as paid and a new one owes it again."""
    motivo = (resultado.detalle or "El banco lo devolvió.")[:500]
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
        monto=pago.importe,
        moneda=pago.moneda,
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
    publicar(
        eventos.PagoFallido(pago_id=pago.id_publico, motivo=pago.detalle), version=pago.version
    )
    soltar([pago], actor=actor)


def reintentar_pago(*, pago: Pago, actor: Actor) -> Pago:
    """Make a new payment for what one that failed for certain was going to pay.

    Raises :class:`Conflicto` when it did not fail, it was retried before, nothing of it is due any
    more, or it belongs to a batch and would no longer pay what was released.
    """
    with transaction.atomic():
        if pago.lote_id:
            # Before its child: a foreign key takes a shared lock on the batch.
            LotePago.objects.select_for_update().get(pk=pago.lote_id)
        actual = _bloquear(pago.pk)
        if actual.estado != EstadoPago.FALLIDO:
            raise Conflicto(_("Solo se reintenta un pago fallido."), codigo="pago_no_fallido")
        if es_por_fichero(actual.pasarela):
            raise Conflicto(
                _("Iba en un fichero ya emitido: lo recogerá el próximo lote."),
                codigo="pago_en_fichero",
            )
        items = list(actual.items.values_list("comision", "ajuste"))
        debidos = reunir(
            pagables().filter(pk__in=[c for c, _a in items if c]),
            ajustes_pendientes().filter(pk__in=[a for _c, a in items if a]),
        )
        debido = debidos[0] if debidos else None
        bloqueado = actual.afiliado.estado == EstadoAfiliado.BLOQUEADO
        if debido is None or debido.importe <= 0 or bloqueado:
            raise Conflicto(
                _("Sus comisiones ya están en otro pago, o su afiliado está bloqueado."),
                codigo="nada_que_pagar",
            )
        if Pago.objects.filter(reintento_de=actual).exists():
            raise Conflicto(
                _("Ya se reintentó: si quedó algo por pagar, lo recoge el próximo lote."),
                codigo="ya_reintentado",
            )
        if actual.lote is not None and debido.importe != actual.importe:
            raise Conflicto(
                _("Ya no paga lo que se liberó: lo recogerá el próximo lote."),
                codigo="pago_cambiado",
            )
        [nuevo] = crear_pagos(
            [debido],
            pasarela=actual.pasarela,
            actor=actor,
            lote=actual.lote,
            reintento_de=actual,
        )
        if actual.lote is not None and actual.lote.estado != EstadoLote.EN_EJECUCION:
            LOTE.transitar(actual.lote, EstadoLote.EN_EJECUCION, accion="reintentar", actor=actor)
        encolar([nuevo.pk])
    return nuevo


def reintentar_fallidos(*, lote: LotePago, actor: Actor) -> list[Pago]:
    """Retry each failed payment of a batch that still can be; raises :class:`Conflicto` if none."""
    nuevos = []
    for pago in lote.pagos.filter(estado=EstadoPago.FALLIDO, reintento=None).order_by("pk"):
        try:
            nuevos.append(reintentar_pago(pago=pago, actor=actor))
        except Conflicto as exc:
            log.info("%s: no se reintenta: %s", pago.id_publico, exc.mensaje)
    if not nuevos:
        raise Conflicto(
            _("Ninguno de sus pagos fallidos se puede reintentar."), codigo="nada_que_pagar"
        )
    return nuevos


def anular_pago(*, pago: Pago, actor: Actor, motivo: str) -> Pago:
    """Drop a payment that was not sent: what it held is free for another. A reason is required.

    In a draft it leaves the batch. Raises TransicionInvalida once it was sent, and
    :class:`Conflicto` (``lote_congelado``) while its batch waits for its release.
    """
    motivo = exigir_motivo(motivo)
    with transaction.atomic():
        lote = None
        if pago.lote_id:
            # Before its child, as everybody does.
            lote = LotePago.objects.select_for_update().get(pk=pago.lote_id)
        actual = _bloquear(pago.pk)
        PAGO.exigir(actual, EstadoPago.ANULADO)
        if lote is not None and lote.estado != EstadoLote.EN_EJECUCION:
            if lote.estado != EstadoLote.BORRADOR:
                raise Conflicto(
                    _("Su lote está congelado: devuélvelo antes a borrador."),
                    codigo="lote_congelado",
                )
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


def barrer_pagos(*, actor: Actor, limite: int = 500) -> dict[str, int]:
    """What the queue lost or time brought: matured commissions are scheduled, ready payments are
    queued, interrupted ones resumed and batches moved on. Returns how many of each."""
    ahora = timezone.now()
    espera = ahora - timedelta(seconds=settings.PAGOS_SEGUNDOS_BARRIDO)
    programados = []
    if settings.PAGOS_AUTOMATICOS:
        programados = programar_pagos(comisiones_ids=_maduras(espera, limite), actor=actor)
    listos = list(
        Pago.objects.filter(
            Q(lote=None) | Q(lote__estado=EstadoLote.EN_EJECUCION),
            estado=EstadoPago.LISTO,
            actualizado_en__lt=espera,
        )
        .exclude(afiliado__estado=EstadoAfiliado.BLOQUEADO)
        .exclude(afiliado__cuenta__utilizable_en__gt=ahora)
        .order_by("actualizado_en")
        .values_list("pk", flat=True)[:limite]
    )
    encolar(listos)
    corte = ahora - timedelta(seconds=settings.PAGOS_SEGUNDOS_INCIERTO)
    colgados = list(
        Pago.objects.filter(
            estado__in=(EstadoPago.ENVIANDO, EstadoPago.INCIERTO), actualizado_en__lt=corte
        )
        # What went in a file is answered by a statement.
        .exclude(pasarela__in=[p.nombre for p in pasarelas() if p.por_fichero])
        .order_by("actualizado_en")
        .values_list("pk", flat=True)[:limite]
    )
    for pk in colgados:
        try:
            reanudar_pago(pago_pk=pk, actor=actor)
        except Exception:
            # One that the gateway cannot answer for must not stop those behind it.
            log.exception("pago %s: no se pudo reanudar", pk)
    barrer_lotes(antes_de=espera, actor=actor)
    return {
        "programados": len(programados),
        "encolados": len(listos),
        "reanudados": len(colgados),
    }


def _maduras(espera: datetime, limite: int) -> list[str]:
    """Public ids of commissions to schedule, those of affiliates that reach their minimum."""
    candidatas = (
        pagables()
        .exclude(afiliado__estado=EstadoAfiliado.BLOQUEADO)
        .exclude(afiliado__cuenta__utilizable_en__gt=timezone.now())
        # A person decides about one that failed for certain.
        .exclude(items_pago__pago__estado=EstadoPago.FALLIDO)
        # The event of a fresh approval is on its way.
        .filter(actualizado_en__lt=espera)
    )
    ajustes = {
        (f["afiliado"], f["moneda"]): f["suma"]
        for f in ajustes_pendientes()
        .values("afiliado", "moneda")
        .annotate(suma=Sum("monto"))
        .order_by()
    }
    # Who owes us, or waits for its minimum, must not stand in front of the rest.
    grupos: list[tuple[int, str]] = []
    for f in (
        candidatas.values(
            "afiliado", "moneda", "afiliado__moneda_comision", "afiliado__minimo_pago"
        )
        .annotate(suma=Sum("monto"))
        .order_by("afiliado", "moneda")
    ):
        quien = (f["afiliado"], f["moneda"])
        neto = dinero.cuantizar(f["suma"] + ajustes.get(quien, dinero.CERO), f["moneda"])
        propio = f["afiliado__moneda_comision"] == f["moneda"]
        minimo = f["afiliado__minimo_pago"] if propio else None
        if neto > 0 and neto >= (minimo or dinero.CERO):
            grupos.append(quien)
        if len(grupos) == limite:
            break
    if not grupos:
        return []
    cuales = Q()
    for moneda in {m for _a, m in grupos}:
        cuales |= Q(moneda=moneda, afiliado__in=[a for a, m in grupos if m == moneda])
    return list(
        candidatas.filter(cuales).order_by("madura_en").values_list("id_publico", flat=True)
    )
