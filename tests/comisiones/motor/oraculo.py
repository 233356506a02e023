"""A second engine, slow and obvious, to check the first one against.

It shares nothing with ``comisiones.motor``: rules and orders are plain dicts, numbers are exact
fractions, every period is worked out again from its first order, and items are walked one by one.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

Orden = dict[str, Any]  # valor, cantidad, impuesto, envio, descuento: text or int
Regla = dict[str, Any]  # the keys of a policy's rule


def redondear(numero: Fraction, exponente: int) -> Fraction:
    """Half up (for amounts that are not negative)."""
    escala = 10**exponente
    return Fraction(math.floor(numero * escala + Fraction(1, 2)), escala)


def base(regla: Regla, orden: Orden) -> Fraction:
    total = Fraction(orden["valor"])
    if regla.get("base") == "neto":
        for concepto in regla.get("excluye", ["impuesto", "envio", "descuento"]):
            total -= Fraction(orden.get(concepto, 0))
    return max(total, Fraction(0))


def del_periodo(regla: Regla, ordenes: list[Orden]) -> Fraction:
    """Exact commission of a list of orders, all at once."""
    if regla["tipo"] == "escalonada":
        total = _escalonada(regla, ordenes)
    else:
        total = sum((_simple(regla, orden) for orden in ordenes), Fraction(0))
    return total * Fraction(regla.get("multiplicador", 1))


def _simple(regla: Regla, orden: Orden) -> Fraction:
    total = Fraction(0)
    if regla["tipo"] in ("porcentual", "mixta"):
        total += base(regla, orden) * Fraction(regla["porcentaje"]) / 100
    if regla["tipo"] in ("fija", "mixta"):
        veces = orden.get("cantidad", 1) if regla.get("por") == "item" else 1
        total += Fraction(regla["monto_fijo"]) * veces
    return total


def _contiene(tramo: dict[str, Any], numero: Fraction) -> bool:
    return Fraction(tramo["desde"]) < numero and (
        tramo["hasta"] is None or numero <= Fraction(tramo["hasta"])
    )


def _escalonada(regla: Regla, ordenes: list[Orden]) -> Fraction:
    tramos = regla["tramos"]
    suma = sum((base(regla, orden) for orden in ordenes), Fraction(0))
    items = sum(orden.get("cantidad", 1) for orden in ordenes)
    por_cantidad = regla.get("metrica") == "cantidad"
    if regla.get("modo") == "completa":
        if not ordenes:
            return Fraction(0)
        medida = Fraction(items) if por_cantidad else suma
        tramo = next((t for t in tramos if _contiene(t, medida)), tramos[0])
        veces = items if regla.get("por") == "item" else len(ordenes)
        return suma * _tasa(tramo) + _fijo(tramo) * veces
    total = Fraction(0)
    if por_cantidad:
        numero = 0
        for orden in ordenes:
            cantidad = orden.get("cantidad", 1)
            for _ in range(cantidad):
                numero += 1
                tramo = next(t for t in tramos if _contiene(t, Fraction(numero)))
                total += base(regla, orden) / cantidad * _tasa(tramo) + _fijo(tramo)
        return total
    for tramo in tramos:
        desde = Fraction(tramo["desde"])
        if suma > desde:
            fin = suma if tramo["hasta"] is None else min(suma, Fraction(tramo["hasta"]))
            total += (fin - desde) * _tasa(tramo) + _fijo(tramo)
    return total


def _tasa(tramo: dict[str, Any]) -> Fraction:
    return Fraction(tramo.get("porcentaje") or 0) / 100


def _fijo(tramo: dict[str, Any]) -> Fraction:
    return Fraction(tramo.get("monto_fijo") or 0)


def comision(regla: Regla, anteriores: list[Orden], orden: Orden, exponente: int) -> Fraction:
    """Commission of ``orden`` after the earlier orders of its period."""
    if regla["tipo"] == "escalonada" and regla.get("periodo", "orden") != "orden":
        antes = del_periodo(regla, anteriores)
        despues = del_periodo(regla, [*anteriores, orden])
        ganado = despues - antes
        monto = redondear(despues, exponente) - redondear(antes, exponente)
    else:
        ganado = monto = del_periodo(regla, [orden])
    if ganado != 0 and regla.get("minimo") is not None:
        monto = max(monto, Fraction(regla["minimo"]))
    if regla.get("tope") is not None:
        monto = min(monto, Fraction(regla["tope"]))
    return redondear(monto, exponente)


def reversos(comision: int, venta: int, devoluciones: list[int]) -> list[int]:
    """Reversals in minor units."""
    salida: list[int] = []
    devuelto = 0
    for devolucion in devoluciones:
        devuelto += devolucion
        debe = redondear(Fraction(comision * devuelto, venta), 0)
        salida.append(int(debe) - sum(salida))
    return salida
