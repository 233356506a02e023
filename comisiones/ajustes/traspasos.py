"""Commissions that were paid to one affiliate and whose sale is of another.

What was paid stays as it is. A pair of adjustments takes it from whoever has it and gives it to
another, to the cent; what refunds take from then on they take from that other.
"""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext_noop

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.actores import Actor
from alpespartner.comun.dinero import CERO
from comisiones.ajustes.estados import EstadoAjuste
from comisiones.ajustes.models import Ajuste, TipoAjuste
from comisiones.ajustes.selectors import quien_la_tiene
from comisiones.ajustes.services import ajustar_por_hecho, descartar_ajuste
from comisiones.comision.models import Comision

MOTIVO = gettext_noop("La venta es de otro afiliado.")


def lo_que_tiene(comision: Comision, afiliado: Afiliado) -> Decimal:
    """What an affiliate has of a paid commission: its amount if it was paid to it, and whatever was
    posted of it since."""
    suyos = Ajuste.objects.filter(
        comision=comision, afiliado=afiliado, estado=EstadoAjuste.CONTABILIZADO
    )
    pagado = comision.monto if comision.afiliado_id == afiliado.pk else CERO
    return sum(suyos.values_list("monto", flat=True), pagado)


def descartar_borradores(*, comision: Comision, actor: Actor) -> None:
    """Drop what nobody approved yet of a commission, locked by the caller, that changes hands: it
    was for who had it."""
    borradores = Ajuste.objects.filter(comision=comision, estado=EstadoAjuste.BORRADOR)
    for ajuste in borradores.select_for_update().order_by("pk"):
        descartar_ajuste(ajuste=ajuste, actor=actor, motivo=MOTIVO)


def traspasar(*, comision: Comision, a: Afiliado | None, actor: Actor) -> Decimal:
    """Take a paid commission, locked by the caller, from whoever has it, and give the same to
    another; to nobody (None), it is only taken. Returns how much: 0 when nothing is left of it, or
    it has it already."""
    de = quien_la_tiene(comision)
    if a is not None and a.pk == de.pk:
        return CERO
    descartar_borradores(comision=comision, actor=actor)
    monto = lo_que_tiene(comision, de)
    if monto <= 0:
        return CERO
    for quien, cuanto in ((de, -monto), (a, monto)):
        if quien is not None:
            ajustar_por_hecho(
                comision=comision, afiliado=quien, tipo=TipoAjuste.REASIGNACION, monto=cuanto,
                motivo=MOTIVO, actor=actor,
            )  # fmt: skip
    return monto
