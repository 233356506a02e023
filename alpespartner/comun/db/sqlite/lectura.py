"""What SQLite's values read as: a column holds whatever was written around the services.

Any column takes a text, a number or bytes. One such row must not stop whoever reads a list of
them, so nothing here is an error: what is no value of its column reads as one that is over every
limit (an amount, a whole number, a date), and ``verificar`` names it (``comun/db/filas.py``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache, partial
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime, parse_time

from alpespartner.comun.dinero import CONTEXTO, DIGITOS, sin_signo

# What a value that is no number, or has no end, reads as: over every maximum.
DESMEDIDO = Decimal(10) ** (2 * DIGITOS)
# The same of a count, and of a day: far from the last one, which no other time zone can name.
ENTERO_DESMEDIDO = 2**31 - 1
DIA_DESMEDIDO = date(9999, 12, 1)
MOMENTO_DESMEDIDO = datetime(9999, 12, 1, tzinfo=UTC)
_PRIMER_MOMENTO = datetime(1, 1, 2, tzinfo=UTC)
_ULTIMO_MOMENTO = datetime(9999, 12, 30, tzinfo=UTC)
# SQLite's numbers hold this many digits.
_BINARIO = CONTEXTO.copy()
_BINARIO.prec = 15

# Bytes of a text, in whatever order they are.
texto_de: Callable[[bytes], str] = partial(str, encoding="utf-8", errors="replace")


def decimal(valor: Any) -> Decimal:
    """An amount."""
    try:
        numero = (
            _BINARIO.create_decimal_from_float(valor)
            if isinstance(valor, float)
            else Decimal(valor)
        )
    except (InvalidOperation, TypeError, ValueError):
        return DESMEDIDO
    if not numero.is_finite() or abs(numero) > DESMEDIDO:
        return DESMEDIDO.copy_sign(numero)
    return sin_signo(numero)


@lru_cache(maxsize=64)
def texto_hasta(largo: int | None) -> Callable[[Any, Any, Any], Any]:
    """How a text is read, no longer than its column: a document of a name without end takes hours
    to draw, and others wait behind it."""

    def texto(valor: Any, expresion: Any, conexion: Any) -> Any:
        if valor is None:
            return None
        if not isinstance(valor, str):
            valor = texto_de(valor) if isinstance(valor, bytes) else str(valor)
        return valor if largo is None or len(valor) <= largo else valor[:largo]

    return texto


def entero(valor: Any, expresion: Any, conexion: Any) -> Any:
    """A whole number."""
    return valor if valor is None or isinstance(valor, int) else ENTERO_DESMEDIDO


def momento(valor: Any, expresion: Any, conexion: Any) -> Any:
    """An instant in UTC, which every other time zone can name."""
    if valor is None:
        return None
    leido = valor if isinstance(valor, datetime) else _momento(str(valor))
    if leido.tzinfo is None:
        leido = leido.replace(tzinfo=UTC)
    elif leido.tzinfo is not UTC:
        try:
            leido = leido.astimezone(UTC)
        except OverflowError:
            return MOMENTO_DESMEDIDO
    return min(max(leido, _PRIMER_MOMENTO), _ULTIMO_MOMENTO)


def dia(valor: Any, expresion: Any, conexion: Any) -> Any:
    """A day."""
    return valor if valor is None or isinstance(valor, date) else _dia(str(valor))


def _momento(escrito: str) -> datetime:
    try:
        return parse_datetime(escrito) or MOMENTO_DESMEDIDO
    except ValueError:
        return MOMENTO_DESMEDIDO


def _dia(escrito: str) -> date:
    try:
        return parse_date(escrito) or DIA_DESMEDIDO
    except ValueError:
        return DIA_DESMEDIDO


def instalar() -> None:
    """Read dates by these functions: the driver converts them by the column's declared type, before
    anybody else sees them."""
    sqlite3.register_converter("date", lambda crudo: _dia(texto_de(crudo)))
    sqlite3.register_converter("time", lambda crudo: parse_time(texto_de(crudo)))
    for tipo in ("datetime", "timestamp"):
        sqlite3.register_converter(tipo, lambda crudo: _momento(texto_de(crudo)))


TEXTOS = frozenset({"CharField", "TextField"})
LECTORES: dict[str, Callable[[Any, Any, Any], Any]] = {
    "DateTimeField": momento,
    "DateField": dia,
    **dict.fromkeys(
        (
            "IntegerField", "BigIntegerField", "SmallIntegerField", "PositiveIntegerField",
            "PositiveBigIntegerField", "PositiveSmallIntegerField",
        ),
        entero,
    ),
}  # fmt: skip
