"""Reads of budgets."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import QuerySet, Sum

from alpespartner.comun.dinero import CERO, cuantizar
from comisiones.comision.estados import SIN_EFECTO, SIN_GASTO
from comisiones.comision.models import Comision
from conversiones.campanas.models import Campana


def gasta(comision: Comision) -> bool:
    """Whether a commission, as it is, counts against the budget of its campaign."""
    return (
        comision.moneda == comision.campana.moneda
        and comision.estado not in SIN_EFECTO
        and comision.motivo_retencion not in SIN_GASTO
    )


def gastado_de(campana: Campana) -> Decimal:
    """What the commissions of a campaign come to, in its currency: pending, held for anything but
    the budget, approved, scheduled and paid, less what refunds took of those that are in a payment.
    It reads them all: what there is at any moment is in :class:`PresupuestoCampana`."""
    gastan = (
        Comision.objects.filter(campana=campana, moneda=campana.moneda)
        .exclude(estado__in=SIN_EFECTO)
        .exclude(motivo_retencion__in=SIN_GASTO)
    )
    # The others were reduced by what was taken.
    con_ajuste = Comision.objects.filter(
        campana=campana, moneda=campana.moneda, reversos__ajuste__isnull=False
    )
    quitado = _suma(con_ajuste, "reversos__monto")
    return cuantizar(_suma(gastan, "monto") - quitado, campana.moneda)


def _suma(comisiones: QuerySet[Comision], columna: str) -> Decimal:
    suma: Decimal | None = comisiones.order_by().aggregate(suma=Sum(columna))["suma"]
    return CERO if suma is None else suma
