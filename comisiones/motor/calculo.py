"""Amount of a commission from its terms, with the trace that explains it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from alpespartner.comun.dinero import CONTEXTO, cuantizar, texto

_CIEN = Decimal(100)


@dataclass(frozen=True, slots=True)
class Terminos:
    """``porcentaje`` in percent, or ``monto_fijo`` in the conversion's currency: one of them."""

    porcentaje: Decimal | None = None
    monto_fijo: Decimal | None = None

    def __post_init__(self) -> None:
        if (self.porcentaje is None) == (self.monto_fijo is None):
            raise ValueError("los términos llevan un porcentaje o un monto fijo")


@dataclass(frozen=True, slots=True)
class Resultado:
    """``monto`` is rounded to the currency's exponent; ``traza`` is JSON with strings only."""

    base: Decimal
    tasa: Decimal | None
    monto: Decimal
    traza: dict[str, Any]


def calcular(terminos: Terminos, *, valor: Decimal, moneda: str) -> Resultado:
    """Commission of one sale of ``valor`` in ``moneda``.

    monto = valor × porcentaje / 100, exact, then rounded half up once; or the fixed amount.
    """
    if terminos.porcentaje is not None:
        exacto = CONTEXTO.divide(CONTEXTO.multiply(valor, terminos.porcentaje), _CIEN)
        formula = "base × tasa / 100"
    else:
        assert terminos.monto_fijo is not None  # noqa: S101 - guaranteed by Terminos
        exacto = terminos.monto_fijo
        formula = "monto fijo por venta"
    monto = cuantizar(exacto, moneda)
    traza = {
        "formula": formula,
        "base": texto(valor, moneda),
        "tasa": None if terminos.porcentaje is None else f"{terminos.porcentaje.normalize():f}",
        "exacto": f"{exacto.normalize(CONTEXTO):f}",
        "monto": texto(monto, moneda),
        "moneda": moneda,
        "redondeo": "mitad hacia arriba, una vez",
    }
    return Resultado(base=valor, tasa=terminos.porcentaje, monto=monto, traza=traza)
