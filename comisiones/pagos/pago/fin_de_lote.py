"""What the last answer to the payments of a batch does to it."""

from __future__ import annotations

from django.db import transaction

from alpespartner.comun.actores import Actor
from comisiones import eventos
from comisiones.pagos.estados import LOTE, PAGO_ABIERTO, EstadoLote, EstadoPago
from comisiones.pagos.models import Pago
from comisiones.pagos.pago.bloqueo import bloquear_lote
from outbox.publicacion import publicar


def terminar_lote(*, lote_pk: int, actor: Actor) -> None:
    """Settle a running batch once every payment has an answer; before that, do nothing."""
    abiertos = Pago.objects.filter(lote=lote_pk, estado__in=PAGO_ABIERTO)
    if abiertos.exists():
        return
    with transaction.atomic():
        lote = bloquear_lote(lote_pk)
        if lote.estado != EstadoLote.EN_EJECUCION or abiertos.exists():
            return
        fallidos = lote.pagos.filter(estado=EstadoPago.FALLIDO, reintento=None)
        destino = EstadoLote.PARCIALMENTE_FALLIDO if fallidos.exists() else EstadoLote.LIQUIDADO
        LOTE.transitar(lote, destino, accion="terminar", actor=actor)
        publicar(
            eventos.LoteTerminado(lote_id=lote.id_publico, estado=destino.value),
            version=lote.version,
        )
