"""A sale paid line by line: the facts of each line add up to the sale's, to the minor unit.

What the sale has beyond its lines (shipping, tax, a discount) is spread over them in proportion to
what each cost; shares telescope, so that nothing is lost to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from itertools import product
from typing import Generic, Protocol, TypeVar

from alpespartner.comun.dinero import CERO, CONTEXTO, cuantizar, es_exacto
from comisiones.motor.calculo import base_de
from comisiones.motor.errores import LineasInvalidas
from comisiones.motor.tipos import Hechos, Terminos


class ProblemaDeLineas(StrEnum):
    """Why lines that follow several rules cannot be paid: the reason for which it is held."""

    SIN_PRECIO = "lineas_sin_precio"
    EN_ESCALAS = "lineas_en_escalas"


@dataclass(frozen=True, slots=True)
class Linea:
    """What ``cantidad`` items of ``producto`` ("" when it is not named) cost together: ``importe``,
    in the currency of the sale; None when it is not told."""

    producto: str
    cantidad: int
    importe: Decimal | None


class ConTerminos(Protocol):
    """A rule, however whoever asks has it."""

    @property
    def terminos(self) -> Terminos:
        """What it pays by."""


R = TypeVar("R", bound=ConTerminos)


@dataclass(frozen=True, slots=True)
class ParteDeVenta(Generic[R]):
    """What of a sale follows ``regla``, as the facts of one sale. When that is not all of it,
    ``productos`` is what each of its lines cost. ``problema``: why nothing of it can be paid."""

    regla: R
    hechos: Hechos
    productos: tuple[tuple[str, Decimal], ...] = ()
    problema: str = ""


def por_reglas(
    venta: Hechos,
    lineas: Sequence[Linea],
    resolver: Callable[[Hechos], R | None],
    cual: Callable[[R], object],
) -> list[ParteDeVenta[R]] | None:
    """A sale of several products: one part when every line follows the same rule, else one for each
    rule that some follow, first the one of a scale over a period, then by what they are worth.

    ``resolver`` says the rule of a product, ``cual`` what two of the same are equal in. None when
    no rule says what some line pays.
    """
    por_producto: dict[str, R] = {}
    for nombre in dict.fromkeys(linea.producto for linea in lineas):
        regla = resolver(replace(venta, producto=nombre))
        if regla is None:
            return None
        por_producto[nombre] = regla
    primera, *resto = por_producto.values()
    if all(cual(otra) == cual(primera) for otra in resto):
        return [ParteDeVenta(primera, venta)]
    try:
        por_linea = de_cada_una(venta, lineas)
    except LineasInvalidas:
        return [ParteDeVenta(primera, venta, problema=ProblemaDeLineas.SIN_PRECIO)]
    grupos: list[tuple[R, list[tuple[Hechos, Decimal]]]] = []
    for hechos, coste in por_linea:
        suya = por_producto[hechos.producto]
        grupo = next((suyas for regla, suyas in grupos if cual(regla) == cual(suya)), None)
        if grupo is None:
            grupos.append((suya, [(hechos, coste)]))
        else:
            grupo.append((hechos, coste))
    partes = [
        ParteDeVenta(
            regla,
            juntar([hechos for hechos, _coste in suyas]),
            tuple((hechos.producto, coste) for hechos, coste in suyas),
        )
        for regla, suyas in grupos
    ]
    # The one that goes in the row: a scale over a period looks for its orders by it.
    partes.sort(key=lambda parte: (not parte.regla.terminos.acumula, -parte.hechos.valor))
    if sum(parte.regla.terminos.acumula for parte in partes) > 1:
        return [replace(partes[0], problema=ProblemaDeLineas.EN_ESCALAS)]
    return partes


def de_cada_una(venta: Hechos, lineas: Sequence[Linea]) -> list[tuple[Hechos, Decimal]]:
    """Facts of each line of a sale, and what it cost. Raises :class:`LineasInvalidas` when they do
    not say what they cost, or do not add up to the sale."""
    return list(zip(separar(venta, lineas), costes(venta, lineas), strict=True))


def separar(venta: Hechos, lineas: Sequence[Linea]) -> tuple[Hechos, ...]:
    """Facts of each line of ``venta``, in order; their values, taxes, shipping and discounts add up
    to those of the sale.

    Raises :class:`LineasInvalidas` unless the lines add up to the value of the sale, give or take
    its tax, its shipping and its discount, each whole.
    """
    moneda = venta.moneda
    importes = _importes(lineas)
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
            valor=importe + signo * extra,
            cantidad=linea.cantidad,
            producto=linea.producto,
            impuesto=impuestos[lugar],
            envio=envios[lugar],
            descuento=descuentos[lugar],
        )
        for lugar, (linea, importe, extra) in enumerate(zip(lineas, importes, extras, strict=True))
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
    if len({(t.duracion_meses, t.max_pagos) for t, _h in partes}) > 1:
        # Some of its lines may still earn.
        terminos = replace(terminos, duracion_meses=None, max_pagos=None)
    if len({(t.base, t.excluye) for t, _h in partes}) == 1:
        return terminos, entera
    base = sum((base_de(t, h) for t, h in partes), CERO)
    limpia = replace(entera, valor=base, impuesto=CERO, envio=CERO, descuento=CERO)
    return replace(terminos, base=None, excluye=None), limpia


def costes(venta: Hechos, lineas: Sequence[Linea]) -> tuple[Decimal, ...]:
    """What each line cost, in order, with its part of a discount of the whole sale: with the tax
    and the shipping that are not in the lines they add up to it. Raises :class:`LineasInvalidas`.
    """
    importes = _importes(lineas)
    _impuesto, _envio, rebaja = _de_mas(venta, sum(importes, CERO))
    partes = _prorratear(abs(rebaja), importes, venta.moneda)
    signo = -1 if rebaja < CERO else 1
    return tuple(i + signo * parte for i, parte in zip(importes, partes, strict=True))


def _importes(lineas: Sequence[Linea]) -> list[Decimal]:
    importes = [linea.importe for linea in lineas if linea.importe is not None]
    if len(importes) < len(lineas):
        raise LineasInvalidas("Una línea no dice lo que costó.")
    return importes


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
