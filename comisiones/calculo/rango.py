"""What the columns of a commission can hold of a result; its trace holds all of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from alpespartner.comun.dinero import CERO, MAXIMO, decimal_exacto
from comisiones.comision.models import Comision

# Decimal(7,4).
_MAXIMO_TASA = Decimal("999.9999")


def monto_guardable(monto: Decimal) -> Decimal:
    """The amount of the row: nothing while the result is over the maximum, for none is payable."""
    return CERO if monto > MAXIMO else monto


def tasa_guardable(tasa: Decimal | None) -> Decimal | None:
    """The average rate of tiers with amounts on a tiny base may be of millions of percent."""
    return None if tasa is None or tasa > _MAXIMO_TASA else tasa


def excede(comision: Comision) -> bool:
    """Whether what its trace says that it pays is over the maximum."""
    return calculado(comision.traza) > MAXIMO


def calculado(traza: dict[str, Any]) -> Decimal:
    """What the trace of a commission says that it pays."""
    return decimal_exacto(traza["monto"])
