"""Money: exact decimals with an ISO 4217 currency. Pure: no Django, no clock, no I/O.

Amounts are :class:`decimal.Decimal` in the currency's main unit ("10.50" USD). They are rounded
once, half away from zero (``ROUND_HALF_UP``), to the currency's exponent: JPY 0, COP 2, KWD 3.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

from iso4217 import Currency

# Decimal(19,4) in the database: fifteen digits before the point and four behind it.
DIGITOS: Final = 19
DECIMALES: Final = 4
# SQLite keeps decimals as binary fractions, exact up to fifteen digits in all: eleven and four.
MAXIMO: Final = Decimal(10) ** (15 - DECIMALES) - Decimal(1).scaleb(-DECIMALES)
CERO: Final = Decimal(0)

# Wide enough for any product of a stored amount and a stored rate; nothing is lost before rounding.
CONTEXTO: Final = Context(prec=60, rounding=ROUND_HALF_UP)

# On each side of the point, padding included.
CIFRAS: Final = 40
_TEXTO_DECIMAL = re.compile(rf"[+-]?\d{{1,{CIFRAS}}}(\.\d{{1,{CIFRAS}}})?\Z", re.ASCII)


class DineroInvalido(ValueError):
    """The text, amount or currency is not money; ``str()`` of it says why."""


@lru_cache(maxsize=512)
def exponente(moneda: str) -> int:
    """Number of decimals of an ISO 4217 currency.

    Raises :class:`DineroInvalido` for an unknown code and for codes without a minor unit (XAU…).
    """
    try:
        valor = Currency(moneda).exponent
    except ValueError:
        valor = None
    if valor is None:
        raise DineroInvalido(f"«{moneda[:12]}» no es una moneda ISO 4217 admitida.")
    return int(valor)


@lru_cache(maxsize=512)
def unidad_minima(moneda: str) -> Decimal:
    """Smallest amount of a currency: 0.01 for USD, 1 for JPY, 0.001 for KWD."""
    return Decimal(1).scaleb(-exponente(moneda))


def cuantizar(monto: Decimal, moneda: str) -> Decimal:
    """Round ``monto`` half up to the exponent of ``moneda``; zero has no sign."""
    redondo = monto.quantize(unidad_minima(moneda), rounding=ROUND_HALF_UP, context=CONTEXTO)
    # SQLite adds in binary: 0.70 + 0.10 - 0.80 is a hair under zero.
    return redondo if redondo else redondo.copy_abs()


def sin_signo(numero: Decimal) -> Decimal:
    """The same number, with no sign when it is zero: nobody owes "-0.00"."""
    return numero if numero else numero.copy_abs()


def es_exacto(monto: Decimal, moneda: str) -> bool:
    """Whether ``monto`` can be kept as it is: no larger than ``MAXIMO`` and with no more decimals
    than ``moneda`` allows (trailing zeros aside)."""
    return monto == cuantizar(monto, moneda) and abs(monto) <= MAXIMO


def decimal_exacto(valor: str | int | Decimal) -> Decimal:
    """Exact decimal of plain text ("10.50"), an int or a finite Decimal.

    Raises :class:`DineroInvalido` for anything else: floats, booleans, NaN, infinities, exponents.
    """
    if isinstance(valor, bool) or not isinstance(valor, (str, int, Decimal)):
        raise DineroInvalido("Se esperaba un número decimal.")
    if isinstance(valor, str):
        if not _TEXTO_DECIMAL.match(valor):
            raise DineroInvalido("Se esperaba un número decimal, como 10.50.")
        return sin_signo(Decimal(valor))
    numero = Decimal(valor)
    if not numero.is_finite():
        raise DineroInvalido("Se esperaba un número finito.")
    if numero.adjusted() > DIGITOS * 2:
        raise DineroInvalido("El número es demasiado grande.")
    if -int(numero.as_tuple().exponent) > CIFRAS:
        # "0e-999999999" is nothing, and a gigabyte of zeros when it is written out.
        raise DineroInvalido("El número tiene demasiados decimales.")
    return sin_signo(numero)


@lru_cache(maxsize=1)
def monedas() -> tuple[str, ...]:
    """Codes of the currencies that can hold an amount, in order."""
    return tuple(sorted(str(m.code) for m in Currency if m.exponent is not None))


def es_moneda(codigo: str) -> bool:
    """Whether amounts can be in it: a row made by nobody's service may name none."""
    try:
        exponente(codigo)
    except DineroInvalido:
        return False
    return True


def visible(monto: Decimal, moneda: str) -> Decimal:
    """``monto`` as it is shown: to the exponent of its currency, or as it is when the row, made by
    nobody's service, has no currency or no number."""
    try:
        return cuantizar(monto, moneda)
    except (DineroInvalido, InvalidOperation):
        return sin_signo(monto)


def texto(monto: Decimal, moneda: str) -> str:
    """Plain text with exactly the currency's decimals, as JSON and CSV carry it: "1234.50"."""
    return f"{visible(monto, moneda):f}"
