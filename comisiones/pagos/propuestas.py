"""Proposing and dropping batches, a slice at a time: each commission of one is a row to lock.

What fits in a slice is done at once; the rest by a task, whose place is ``LotePago.por_donde``. The
same task retries the failed payments of a batch when they are many.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from alpespartner.comun import dinero
from alpespartner.comun.actores import Actor, de_texto
from alpespartner.comun.dinero import CERO
from alpespartner.comun.errores import Conflicto, DatoInvalido
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import nuevo_id
from alpespartner.comun.models import Historial
from alpespartner.comun.textos import exigir_motivo
from alpespartner.comun.tramos import por_tramos
from comisiones.ajustes.models import Ajuste
from comisiones.estados import LOTE, PAGO, EstadoLote, EstadoPago
from comisiones.models import Comision
from comisiones.pagos.armado import (
    ajustes_pendientes,
    crear_pagos,
    pagables,
    reunir,
    separar,
    soltar,
)
from comisiones.pagos.cola import encolar_avance
from comisiones.pagos.models import ExclusionLote, LotePago, Pago
from comisiones.pagos.pasarela import nombres_de_pasarelas, pasarela_de
from comisiones.pagos.sepa import ordenante
from comisiones.pagos.services import reintentar_tramo
from comisiones.turnos import tomar
from conversiones.models import Campana

# Commissions of a slice, but for those of one affiliate, which go together; and for how long a task
# goes on before others have their turn.
TRAMO = 2_000
SEGUNDOS = 20.0
_POR_LOTE = 500
_NADA = "No había nada que pagar."


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
    task goes on with it. Raises :class:`DatoInvalido` and :class:`Conflicto` (``nada_que_pagar``)
    when nothing is due to anybody.
    """
    if pasarela not in nombres_de_pasarelas():
        raise DatoInvalido(_("Esa pasarela no está configurada."), campo="pasarela")
    try:
        dinero.exponente(moneda)
    except dinero.DineroInvalido as exc:
        raise DatoInvalido(exc, campo="moneda", codigo="moneda_desconocida") from None
    elegida = pasarela_de(pasarela)
    if elegida.monedas is not None and moneda not in elegida.monedas:
        raise DatoInvalido(_("Esa pasarela no paga en esa moneda."), campo="moneda")
    if elegida.por_fichero:
        # Better now than when it is released.
        ordenante()
    with transaction.atomic():
        hasta = hasta or timezone.now()
        espera = _soltandose(moneda)
        tope = _tope(_debido(moneda, hasta, campana)[0])
        lote = LotePago.objects.create(
            id_publico=nuevo_id("lote"),
            moneda=moneda,
            campana=campana,
            hasta=hasta,
            pasarela=pasarela,
            estado=EstadoLote.BORRADOR if tope is None and not espera else EstadoLote.PROPONIENDO,
            preparado_por=str(actor),
            por_donde=0,
        )
        if not espera:
            _armar_tramo(lote, tope)
            if lote.por_donde is None and not lote.numero_pagos:
                raise Conflicto(
                    _("No hay nada que pagar con esas condiciones."), codigo="nada_que_pagar"
                )
            lote.save()
        if lote.por_donde is not None:
            encolar_avance(lote.pk)
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
        actual = LotePago.objects.select_for_update().get(pk=lote.pk)
        actual.por_donde = 0
        LOTE.transitar(
            actual, EstadoLote.DESCARTADO, accion="descartar", actor=actor, motivo=motivo
        )
        _soltar_tramo(actual, actor, motivo)
        if actual.por_donde is not None:
            encolar_avance(actual.pk)
        actual.save(update_fields=["por_donde"])
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


def avanzar_lote(*, lote_pk: int, segundos: float = SEGUNDOS) -> None:
    """Go on with a batch that is being proposed, dropped or retried, and queue the rest after
    ``segundos``. It may run any number of times, at once or after a crash."""
    por_tramos(
        lambda: _avanzar_tramo(lote_pk),
        segundos=segundos,
        seguir=lambda: encolar_avance(lote_pk),
    )


def barrer_propuestas(*, antes_de: datetime) -> None:
    """Queue again the batches whose task got lost or failed."""
    parados = LotePago.objects.filter(por_donde__isnull=False, actualizado_en__lt=antes_de)
    for lote_pk in parados.order_by("pk").values_list("pk", flat=True)[:100]:
        encolar_avance(lote_pk)


def _avanzar_tramo(lote_pk: int) -> bool:
    """A slice in one transaction; whether to go on at once."""
    with transaction.atomic():
        # One that somebody else holds is being worked on: waiting would only keep a worker busy.
        lote = LotePago.objects.select_for_update(skip_locked=True).filter(pk=lote_pk).first()
        if lote is None or lote.por_donde is None:
            return False
        if lote.estado == EstadoLote.DESCARTADO:
            descarte = _ultimo(lote, "descartar")
            _soltar_tramo(lote, de_texto(descarte.actor), descarte.motivo)
        elif lote.estado in (EstadoLote.EN_EJECUCION, EstadoLote.PARCIALMENTE_FALLIDO):
            quien = de_texto(_ultimo(lote, "reintentar_fallidos").actor)
            _nuevos, lote.por_donde = reintentar_tramo(lote=lote, desde=lote.por_donde, actor=quien)
        elif lote.estado != EstadoLote.PROPONIENDO:
            # Somebody closed it meanwhile.
            lote.por_donde = None
        elif _soltandose(lote.moneda):
            return False
        else:
            _armar_tramo(lote, _tope(_debido_de(lote)[0]))
            if lote.por_donde is None:
                _acabar_de_proponer(lote)
        lote.actualizado_en = timezone.now()
        lote.save(update_fields=["por_donde", "total", "numero_pagos", "actualizado_en"])
    return lote.por_donde is not None


def _ultimo(lote: LotePago, accion: str) -> Historial:
    """Who asked for what a task goes on with, and why."""
    return Historial.objects.filter(
        entidad="lote", entidad_id=lote.id_publico, accion=accion
    ).latest("pk")


def _acabar_de_proponer(lote: LotePago) -> None:
    actor = de_texto(lote.preparado_por)
    if lote.numero_pagos:
        LOTE.transitar(lote, EstadoLote.BORRADOR, accion="armar", actor=actor)
    else:
        LOTE.transitar(lote, EstadoLote.DESCARTADO, accion="armar", actor=actor, motivo=_NADA)


def _soltandose(moneda: str) -> bool:
    """Whether a dropped batch still holds what another one would pay."""
    return LotePago.objects.filter(
        estado=EstadoLote.DESCARTADO, moneda=moneda, por_donde__isnull=False
    ).exists()


def _armar_tramo(lote: LotePago, tope: int | None) -> None:
    """Payments for the next affiliates of a batch that the caller holds, up to ``tope`` or to the
    last one; it is not saved."""
    # Two that lock the same rows to change them lose a deadlock: they go one after another.
    tomar([f"propuesta:{lote.moneda}"])
    comisiones, ajustes = _debido_de(lote)
    if tope is not None:
        comisiones = comisiones.filter(afiliado__lte=tope)
        ajustes = ajustes.filter(afiliado__lte=tope)
    pagar, fuera = separar(reunir(comisiones, ajustes), pasarela_de(lote.pasarela))
    crear_pagos(pagar, pasarela=lote.pasarela, actor=de_texto(lote.preparado_por), lote=lote)
    ExclusionLote.objects.bulk_create(
        [
            ExclusionLote(lote=lote, afiliado=d.afiliado, motivo=motivo, importe=d.importe)
            for d, motivo in fuera
        ],
        batch_size=_POR_LOTE,
    )
    lote.total += sum((d.importe for d in pagar), CERO)
    lote.numero_pagos += len(pagar)
    lote.por_donde = tope


def _debido_de(lote: LotePago) -> tuple[QuerySet[Comision], QuerySet[Ajuste]]:
    """What is due to the affiliates that a batch has not gone over."""
    comisiones, ajustes = _debido(lote.moneda, lote.hasta, lote.campana)
    return (
        comisiones.filter(afiliado__gt=lote.por_donde),
        ajustes.filter(afiliado__gt=lote.por_donde),
    )


def _debido(
    moneda: str, hasta: datetime, campana: Campana | None
) -> tuple[QuerySet[Comision], QuerySet[Ajuste]]:
    """Commissions and adjustments that a batch would pay."""
    comisiones = pagables(hasta=min(hasta, timezone.now())).filter(moneda=moneda)
    ajustes = ajustes_pendientes().filter(moneda=moneda)
    if campana is not None:
        comisiones = comisiones.filter(campana=campana)
        ajustes = ajustes.filter(Q(comision__campana=campana) | Q(monto__lt=0))
    return comisiones, ajustes


def _tope(comisiones: QuerySet[Comision]) -> int | None:
    """The affiliate with which a slice ends; None when it takes all that is left."""
    cuantas = 0
    por_afiliado = comisiones.values("afiliado").annotate(n=Count("pk")).order_by("afiliado")
    for grupo in por_afiliado[:TRAMO]:
        cuantas += grupo["n"]
        if cuantas >= TRAMO:
            return int(grupo["afiliado"])
    return None


def _soltar_tramo(lote: LotePago, actor: Actor, motivo: str) -> None:
    """Void the next payments of a dropped batch that the caller holds; it is not saved."""
    listos = Pago.objects.filter(
        lote=lote, estado=EstadoPago.LISTO, pk__gt=lote.por_donde
    ).order_by("pk")
    claves: list[int] = []
    cuantos = 0
    for pk, n in listos.annotate(n=Count("items")).values_list("pk", "n")[:TRAMO]:
        claves.append(pk)
        cuantos += n
        if cuantos >= TRAMO:
            break
    pagos = list(listos.filter(pk__in=claves).select_for_update())
    PAGO.transitar_todos(pagos, EstadoPago.ANULADO, accion="anular", actor=actor, motivo=motivo)
    soltar(pagos, actor=actor)
    lote.por_donde = claves[-1] if cuantos >= TRAMO else None
