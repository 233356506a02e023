"""Retrying the failed payments of a batch."""

from __future__ import annotations

import logging

from django.db import transaction
from django.utils.translation import gettext as _

from alpespartner.comun import cola
from alpespartner.comun.actores import Actor
from alpespartner.comun.errores import Conflicto
from alpespartner.comun.historial import paso
from comisiones.pagos.errores import NadaQuePagar
from comisiones.pagos.estados import EstadoPago
from comisiones.pagos.models import LotePago, Pago
from comisiones.pagos.pago.services import reintentar_pago

log = logging.getLogger(__name__)

# Each is read, locked and made anew by itself.
REINTENTOS = 100


def reintentar_fallidos(*, lote: LotePago, actor: Actor) -> list[Pago]:
    """Retry each failed payment of a batch that still can be: the first ones now, the rest of many
    by a task. Raises :class:`NadaQuePagar` if none."""
    nuevos, donde = reintentar_porcion(lote=lote, desde=0, actor=actor)
    if donde is not None:
        with transaction.atomic():
            LotePago.objects.filter(pk=lote.pk).update(reintentado_hasta=donde)
            # The task goes on in the name of who asked.
            paso(
                entidad="lote", entidad_id=lote.id_publico, accion="reintentar_fallidos",
                actor=actor,
            ).save()  # fmt: skip
            cola.encolar("pagos.avanzar_lote", lote.pk)
    elif not nuevos:
        raise NadaQuePagar(_("Ninguno de sus pagos fallidos se puede reintentar."))
    return nuevos


def reintentar_porcion(
    *, lote: LotePago, desde: int, actor: Actor
) -> tuple[list[Pago], int | None]:
    """Retry the next failed payments of a batch, those after the key ``desde``: the new ones, and
    where to go on, None at the end."""
    fallidos = lote.pagos.filter(estado=EstadoPago.FALLIDO, reintento=None, pk__gt=desde)
    porcion = list(fallidos.order_by("pk")[:REINTENTOS])
    nuevos = []
    for pago in porcion:
        try:
            nuevos.append(reintentar_pago(pago=pago, actor=actor))
        except Conflicto as exc:
            log.info("%s: no se reintenta: %s", pago.id_publico, exc.mensaje)
    return nuevos, porcion[-1].pk if len(porcion) == REINTENTOS else None
