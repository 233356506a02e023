"""A stored conversion as the engine sees it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.dinero import CERO, DineroInvalido, decimal_exacto
from comisiones.motor import Concepto, Hechos
from conversiones.ventas.models import Conversion

_CLAVES_PRODUCTO = ("producto_id", "id", "sku")


def hechos_de_venta(conversion: Conversion, afiliado: Afiliado) -> Hechos:
    """Facts of a conversion credited to ``afiliado`` (the seller, or an ancestor of it).

    Partners attach products and metadata freely: ``productos`` gives the number of items (their
    ``cantidad``) and, when all are one product, its id (``producto_id``, ``id`` or ``sku``);
    ``metadatos`` gives ``impuesto``, ``envio`` and ``descuento`` as decimals of the same currency.
    What is not usable counts as absent: it must never stop a commission.
    """
    return Hechos(
        valor=conversion.valor,
        moneda=conversion.moneda,
        ocurrida_en=conversion.ocurrida_en,
        cantidad=_cantidad(conversion.productos),
        nivel_afiliado=afiliado.nivel,
        afiliado=afiliado.id_publico,
        tipo_afiliado=afiliado.tipo_afiliado,
        producto=producto_de(conversion.productos),
        campana=conversion.campana.id_publico,
        cupon=conversion.cupon,
        enlace=conversion.enlace,
        impuesto=_monto(conversion.metadatos, Concepto.IMPUESTO),
        envio=_monto(conversion.metadatos, Concepto.ENVIO),
        descuento=_monto(conversion.metadatos, Concepto.DESCUENTO),
    )


def producto_de(productos: Any) -> str:
    """Id of the product sold, or "" when there are several or none is named."""
    nombres = set()
    for producto in _objetos(productos):
        nombre = next((producto[c] for c in _CLAVES_PRODUCTO if producto.get(c)), None)
        if not isinstance(nombre, (str, int)) or isinstance(nombre, bool):
            return ""
        nombres.add(str(nombre))
    return nombres.pop()[:64] if len(nombres) == 1 else ""


def _cantidad(productos: Any) -> int:
    total = 0
    for producto in _objetos(productos):
        unidades = producto.get("cantidad", 1)
        try:
            numero = decimal_exacto(unidades)
        except DineroInvalido:
            numero = Decimal(1)
        # A fraction of an item (kilos, hours) is one line.
        total += int(numero) if numero >= 1 and numero == numero.to_integral_value() else 1
    # Over the engine's range it says so: paying another number of items would be a guess.
    return max(total, 1)


def _monto(metadatos: Any, clave: str) -> Decimal:
    valor = metadatos.get(clave) if isinstance(metadatos, Mapping) else None
    try:
        monto = CERO if valor is None else decimal_exacto(valor)
    except DineroInvalido:
        return CERO
    return monto if CERO <= monto <= 10**11 - 1 else CERO


def _objetos(productos: Any) -> list[Mapping[str, Any]]:
    if not isinstance(productos, list):
        return []
    return [p for p in productos if isinstance(p, Mapping)]
