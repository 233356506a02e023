"""Long work of batches, a portion at a time: proposing, dropping and retrying."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from alpespartner.comun import cola
from alpespartner.comun.actores import Actor, de_texto
from alpespartner.comun.models import Historial
from alpespartner.comun.porciones import por_porciones
from alpespartner.comun.rondas import Ronda
from comisiones.pagos.estados import LOTE, EstadoLote
from comisiones.pagos.lotes.porciones import (
    armar_porcion,
    debido_de,
    soltandose,
    soltar_porcion,
    tope_de,
)
from comisiones.pagos.lotes.reintento import reintentar_porcion
from comisiones.pagos.models import A_MEDIAS, LotePago

# For how long a task goes on before others have their turn.
SEGUNDOS = 20.0
_NADA = "No había nada que pagar."
A_LA_VEZ = 100
_A_MEDIAS = Ronda()


def avanzar_lote(*, lote_pk: int, segundos: float = SEGUNDOS) -> None:
    """Go on with a batch that is being proposed, dropped or retried, and queue the rest after
    ``segundos``. It may run any number of times, at once or after a crash."""
    por_porciones(
        lambda: _avanzar_porcion(lote_pk),
        segundos=segundos,
        seguir=lambda: cola.encolar("pagos.avanzar_lote", lote_pk),
    )


def barrer_a_medias(*, antes_de: datetime) -> None:
    """Queue again the batches whose task got lost or failed."""
    parados = LotePago.objects.filter(A_MEDIAS, actualizado_en__lt=antes_de)
    for lote_pk in _A_MEDIAS.siguientes(parados, A_LA_VEZ):
        cola.encolar("pagos.avanzar_lote", lote_pk)


def _avanzar_porcion(lote_pk: int) -> bool:
    """A portion in one transaction; whether to go on at once."""
    with transaction.atomic():
        # One that somebody else holds is being worked on: waiting would only keep a worker busy.
        lote = LotePago.objects.select_for_update(skip_locked=True).filter(pk=lote_pk).first()
        if lote is None or not lote.a_medias:
            return False
        if lote.soltado_hasta is not None:
            soltar_porcion(lote, *_quien_y_por_que(lote, "descartar"))
        elif lote.reintentado_hasta is not None:
            _reintentar(lote, lote.reintentado_hasta)
        elif soltandose(lote.moneda):
            return False
        else:
            _proponer(lote)
        lote.actualizado_en = timezone.now()
        lote.save(
            update_fields=[
                "propuesto_hasta",
                "soltado_hasta",
                "reintentado_hasta",
                "total",
                "numero_pagos",
                "actualizado_en",
            ]
        )
    return lote.a_medias


def _quien_y_por_que(lote: LotePago, accion: str) -> tuple[Actor, str]:
    """Who asked for what a task goes on with, and why."""
    pedido = Historial.objects.filter(
        entidad="lote", entidad_id=lote.id_publico, accion=accion
    ).latest("pk")
    return de_texto(pedido.actor), pedido.motivo


def _reintentar(lote: LotePago, desde: int) -> None:
    if lote.estado not in (EstadoLote.EN_EJECUCION, EstadoLote.PARCIALMENTE_FALLIDO):
        # Somebody closed it meanwhile.
        lote.reintentado_hasta = None
        return
    actor, _motivo = _quien_y_por_que(lote, "reintentar_fallidos")
    _nuevos, lote.reintentado_hasta = reintentar_porcion(lote=lote, desde=desde, actor=actor)


def _proponer(lote: LotePago) -> None:
    armar_porcion(lote, tope_de(debido_de(lote)[0]))
    if lote.propuesto_hasta is not None:
        return
    actor = de_texto(lote.preparado_por)
    if lote.numero_pagos:
        LOTE.transitar(lote, EstadoLote.BORRADOR, accion="armar", actor=actor)
    else:
        LOTE.transitar(lote, EstadoLote.DESCARTADO, accion="armar", actor=actor, motivo=_NADA)
