"""A sale paid line by line: the facts of each line add up to the sale's, to the minor unit.

What the sale has beyond its lines (shipping, tax, a discount) is spread over them in proportion to
what each cost; shares telescope, so that nothing is lost to rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product

from alpespartner.comun.dinero import CERO, CONTEXTO, cuantizar, es_exacto
from comisiones.motor.calculo import base_de
from comisiones.motor.errores import LineasInvalidas
from comisiones.motor.tipos import Hechos, Terminos


@dataclass(frozen=True, slots=True)
class Linea:
    """What ``cantidad`` items of ``producto`` ("" when it is not named) cost together: ``importe``,
    in the currency of the sale."""

    producto: str
    cantidad: int
    importe: Decimal


def separar(venta: Hechos, lineas: Sequence[Linea]) -> tuple[Hechos, ...]:
    """Facts of each line of ``venta``, in order; their values, taxes, shipping and discounts add up
    to those of the sale.

    Raises :class:`LineasInvalidas` unless the lines add up to the value of the sale, give or take
    its tax, its shipping and its discount, each whole.
    """
    moneda = venta.moneda
    importes = [linea.importe for linea in lineas]
    if any(importe < CERO or not es_exacto(importe, moneda) for importe in importes):
        raise LineasInvalidas("El importe de una línea no es un importe.")
    suma = sum(importes, CERO)
    resto = sum(_de_mas(venta, suma), CERO)
    extras = _prorratear(abs(resto), importes, moneda)
    signo = -1 if resto < CERO else 1
    impuestos = _prorratear(venta.impuesto, importes, moneda)
    envios = _prorratear(venta.envio, importes, moneda)
    descuentos = _prorratear(venta.descuento, importes, moneda)
    return tuple(
        replace(
            venta,
            valor=linea.importe + signo * extra,
            cantidad=linea.cantidad,
            producto=linea.producto,
            impuesto=impuestos[lugar],
            envio=envios[lugar],
            descuento=descuentos[lugar],
        )
        for lugar, (linea, extra) in enumerate(zip(lineas, extras, strict=True))
    )


def juntar(partes: Sequence[Hechos]) -> Hechos:
    """Facts of several lines of a sale as one; the product only when it is the same."""
    productos = {parte.producto for parte in partes}
    return replace(
        partes[0],
        valor=sum((p.valor for p in partes), CERO),
        cantidad=sum(p.cantidad for p in partes),
        impuesto=sum((p.impuesto for p in partes), CERO),
        envio=sum((p.envio for p in partes), CERO),
        descuento=sum((p.descuento for p in partes), CERO),
        producto=productos.pop() if len(productos) == 1 else "",
    )


def de_la_red(partes: Sequence[tuple[Terminos, Hechos]]) -> tuple[Terminos, Hechos]:
    """Terms and facts whose base is the base of a sale paid by several rules, for its network."""
    terminos, _hechos = partes[0]
    entera = juntar([hechos for _terminos, hechos in partes])
    if len({(t.base, t.excluye) for t, _h in partes}) == 1:
        return terminos, entera
    base = sum((base_de(t, h) for t, h in partes), CERO)
    limpia = replace(entera, valor=base, impuesto=CERO, envio=CERO, descuento=CERO)
    return replace(terminos, base=None, excluye=None), limpia


def costes(venta: Hechos, lineas: Sequence[Linea]) -> tuple[Decimal, ...]:
    """What each line cost, in order, with its part of a discount of the whole sale: with the tax
    and the shipping that are not in the lines they add up to it. Raises :class:`LineasInvalidas`.
    """
    importes = [linea.importe for linea in lineas]
    _impuesto, _envio, rebaja = _de_mas(venta, sum(importes, CERO))
    partes = _prorratear(abs(rebaja), importes, venta.moneda)
    signo = -1 if rebaja < CERO else 1
    return tuple(i + signo * parte for i, parte in zip(importes, partes, strict=True))


def _de_mas(venta: Hechos, suma: Decimal) -> tuple[Decimal, ...]:
    """Tax, shipping and discount (less than 0 when it lowers it) in the value beyond the lines."""
    opciones = (
        (CERO, venta.impuesto),
        (CERO, venta.envio),
        (CERO, venta.descuento, -venta.descuento),
    )
    resto = venta.valor - suma
    if suma:
        for partes in product(*opciones):
            if sum(partes, CERO) == resto:
                return partes
    raise LineasInvalidas("Las líneas no suman el valor de la venta.")


def _prorratear(total: Decimal, pesos: Sequence[Decimal], moneda: str) -> list[Decimal]:
    """``total`` in proportion to ``pesos``, in minor units that add up to it."""
    suma = sum(pesos, CERO)
    partes: list[Decimal] = []
    hecho = acumulado = CERO
    for peso in pesos:
        acumulado += peso
        hasta = cuantizar(CONTEXTO.divide(CONTEXTO.multiply(total, acumulado), suma), moneda)
        partes.append(hasta - hecho)
        hecho = hasta
    return partes
