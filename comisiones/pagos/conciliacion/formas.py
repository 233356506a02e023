"""Values of an XML document, in every form that XML Schema allows for them."""

from __future__ import annotations

import codecs
import re
from decimal import Decimal

_BLANCOS = "\ufeff \t\r\n"
_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
# A date with or without a time, with or without a zone; fractions of a second do not matter here.
_FECHA = re.compile(
    r"(?P<dia>-?\d{4,}-\d\d-\d\d)(?P<hora>T\d\d:\d\d:\d\d)?(\.\d+)?(?P<zona>Z|[+-]\d\d:\d\d)?",
    re.ASCII,
)


def desde_el_principio(contenido: bytes) -> bytes | str:
    """A document without what some tools write before its declaration, where nothing may be."""
    if contenido.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return contenido.decode("utf-16").lstrip(_BLANCOS)
    return contenido.lstrip(_BLANCOS.encode())


def decimal(texto: str) -> Decimal:
    """An ``xs:decimal`` ("10.50", "+1.50", ".50", "1.", "007"): without a limit to its size.

    Raises ValueError.
    """
    texto = texto.strip(_BLANCOS)
    if not _DECIMAL.fullmatch(texto):
        raise ValueError(texto[:40])
    return Decimal(texto)


def booleano(texto: str) -> bool:
    """An ``xs:boolean``; what is not one is false."""
    return texto.strip(_BLANCOS) in ("true", "1")


def fecha(texto: str) -> str:
    """An ``xs:date``, without its zone, or an ``xs:dateTime``, with it; anything else as it is."""
    texto = texto.strip(_BLANCOS)
    partes = _FECHA.fullmatch(texto)
    if not partes:
        return texto
    if not partes["hora"]:
        return partes["dia"]
    return f"{partes['dia']}{partes['hora']}{partes['zona'] or ''}"
