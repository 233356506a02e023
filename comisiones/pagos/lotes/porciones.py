"""A portion of a batch: the payments that are made, or voided, in one transaction.

Each commission of a batch is a row to lock, so a large one is proposed and dropped a portion at a
time. How far that is, the batch says: ``propuesto_hasta`` and ``soltado_hasta``.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from alpespartner.comun.actores import Actor, de_texto
from alpespartner.comun.dinero import CERO
from alpespartner.comun.turnos import tomar
from comisiones.ajustes.models import Ajuste
from comisiones.comision.models import Comision
from comisiones.pagos.estados import PAGO, EstadoLote, EstadoPago
from comisiones.pagos.models import ExclusionLote, LotePago, Pago
from comisiones.pagos.pago.armado import (
    ajustes_pendientes,
    crear_pagos,
    pagables,
    reunir,
    separar,
    soltar,
)
from comisiones.pagos.pasarelas.interfaz import pasarela_de
from conversiones.campanas.models import Campana

# Commissions of a portion, but for those of one affiliate, which go together.
PORCION = 2_000
_POR_SENTENCIA = 500


def soltandose(moneda: str) -> bool:
    """Whether a dropped batch still holds what another one would pay."""
    return LotePago.objects.filter(
        estado=EstadoLote.DESCARTADO, moneda=moneda, soltado_hasta__isnull=False
    ).exists()


def armar_porcion(lote: LotePago, tope: int | None) -> None:
    """Payments for the next affiliates of a batch that the caller holds, up to ``tope`` or to the
    last one; it is not saved."""
    # Two that lock the same rows to change them lose a deadlock: they go one after another.
    tomar([f"propuesta:{lote.moneda}"])
    comisiones, ajustes = debido_de(lote)
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
        batch_size=_POR_SENTENCIA,
    )
    lote.total += sum((d.importe for d in pagar), CERO)
    lote.numero_pagos += len(pagar)
    lote.propuesto_hasta = tope


def debido_de(lote: LotePago) -> tuple[QuerySet[Comision], QuerySet[Ajuste]]:
    """What is due to the affiliates that a batch has not gone over."""
    comisiones, ajustes = debido(lote.moneda, lote.hasta, lote.campana)
    return (
        comisiones.filter(afiliado__gt=lote.propuesto_hasta),
        ajustes.filter(afiliado__gt=lote.propuesto_hasta),
    )


def debido(
    moneda: str, hasta: datetime, campana: Campana | None
) -> tuple[QuerySet[Comision], QuerySet[Ajuste]]:
    """Commissions and adjustments that a batch would pay."""
    comisiones = pagables(hasta=min(hasta, timezone.now())).filter(moneda=moneda)
    ajustes = ajustes_pendientes().filter(moneda=moneda)
    if campana is not None:
        comisiones = comisiones.filter(campana=campana)
        ajustes = ajustes.filter(Q(comision__campana=campana) | Q(monto__lt=0))
    return comisiones, ajustes


def tope_de(comisiones: QuerySet[Comision]) -> int | None:
    """The affiliate with which a portion ends; None when it takes all that is left."""
    cuantas = 0
    por_afiliado = comisiones.values("afiliado").annotate(n=Count("pk")).order_by("afiliado")
    for grupo in por_afiliado[:PORCION]:
        cuantas += grupo["n"]
        if cuantas >= PORCION:
            return int(grupo["afiliado"])
    return None


def soltar_porcion(lote: LotePago, actor: Actor, motivo: str) -> None:
    """Void the next payments of a dropped batch that the caller holds; it is not saved."""
    listos = Pago.objects.filter(
        lote=lote, estado=EstadoPago.LISTO, pk__gt=lote.soltado_hasta
    ).order_by("pk")
    claves: list[int] = []
    cuantos = 0
    for pk, n in listos.annotate(n=Count("items")).values_list("pk", "n")[:PORCION]:
        claves.append(pk)
        cuantos += n
        if cuantos >= PORCION:
            break
    pagos = list(listos.filter(pk__in=claves).select_for_update())
    PAGO.transitar_todos(pagos, EstadoPago.ANULADO, accion="anular", actor=actor, motivo=motivo)
    soltar(pagos, actor=actor)
    lote.soltado_hasta = claves[-1] if cuantos >= PORCION else None
