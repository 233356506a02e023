"""What a sale says of its parts: its lines, and the tax, shipping and discount in its value.

A line of ``productos`` names its product (``producto_id``, ``id`` or ``sku``), its ``cantidad`` (1
when not told) and what it cost: ``importe`` for the whole line, or ``precio`` for each unit, both
in the currency of the sale. With both, they must agree. What is not usable counts as absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from alpespartner.comun.dinero import (
    CERO,
    CONTEXTO,
    MAXIMO,
    DineroInvalido,
    cuantizar,
    decimal_exacto,
)

# Names of a product: the first that it has.
CLAVES_PRODUCTO = ("producto_id", "id", "sku")


@dataclass(frozen=True, slots=True)
class LineaVenta:
    """A line as a partner sent it; ``importe`` is None when it does not say what it cost."""

    producto: str
    cantidad: int
    importe: Decimal | None


def lineas_de(productos: Any, moneda: str) -> list[LineaVenta]:
    """Lines of a sale, in order."""
    return [
        LineaVenta(_nombre(linea), _items(linea), _importe(linea, moneda))
        for linea in _objetos(productos)
    ]


def monto_de(metadatos: Any, concepto: str) -> Decimal:
    """Tax, shipping or discount of a sale, from its ``metadatos``; 0 when it is not told."""
    valor = metadatos.get(concepto) if isinstance(metadatos, Mapping) else None
    monto = None if valor is None else _decimal(valor)
    return monto if monto is not None and CERO <= monto <= MAXIMO else CERO


def _nombre(linea: Mapping[str, Any]) -> str:
    nombre = next((linea[clave] for clave in CLAVES_PRODUCTO if linea.get(clave)), None)
    if not isinstance(nombre, (str, int)) or isinstance(nombre, bool):
        return ""
    return str(nombre)[:64]


def _items(linea: Mapping[str, Any]) -> int:
    numero = _decimal(linea.get("cantidad", 1))
    # A fraction of an item (kilos, hours) is one line.
    if numero is None or numero < 1 or numero != numero.to_integral_value():
        return 1
    return int(numero)


def _importe(linea: Mapping[str, Any], moneda: str) -> Decimal | None:
    importe, precio = _decimal(linea.get("importe")), _decimal(linea.get("precio"))
    if precio is not None:
        cantidad = _decimal(linea.get("cantidad", 1))
        if cantidad is None or cantidad <= CERO:
            return None
        segun = CONTEXTO.multiply(precio, cantidad)
        # A unit price may have more decimals than the currency; the line is rounded once.
        redondo = cuantizar(segun, moneda) if abs(segun) <= MAXIMO else None
        if importe is None:
            importe = redondo
        elif importe != redondo:
            return None
    return importe if importe is not None and CERO <= importe <= MAXIMO else None


def _decimal(valor: Any) -> Decimal | None:
    try:
        return decimal_exacto(valor)
    except DineroInvalido:
        return None


def _objetos(productos: Any) -> list[Mapping[str, Any]]:
    if not isinstance(productos, list):
        return []
    return [linea for linea in productos if isinstance(linea, Mapping)]
