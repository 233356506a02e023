"""Tiers: what makes a scale valid, and what an order adds to it.

A tier holds the metric over ``desde`` up to and including ``hasta``; zero belongs to the first.

``graduada``: each slice of the metric pays its own tier. By ``valor``, the percentage is of the
slice and ``monto_fijo`` is paid once, when the period enters the tier. By ``cantidad``, the order's
base is spread evenly over its items and ``monto_fijo`` is paid for each item in the slice.

``completa`` (retroactive): the whole period pays the tier it has reached, its percentage of all the
base plus its ``monto_fijo`` for each order or item; an order earns the difference that it makes.

Run inside ``localcontext(CONTEXTO)``: plain operators must not lose digits.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final

from alpespartner.comun.dinero import CERO
from comisiones.motor.errores import TramosInvalidos
from comisiones.motor.tipos import Acumulado, Metrica, Modo, Paso, Por, Terminos, Tramo, plano

CIENTO: Final = Decimal(100)
CENTESIMA: Final = Decimal("0.01")
# Spreading a base over items may not end (1/3): it is kept to 30 decimals, far beyond any rounding.
FINURA: Final = Decimal(1).scaleb(-30)


def validar_tramos(tramos: Sequence[Tramo]) -> None:
    """Check that the tiers cover every metric from 0 on exactly once and say what they pay.

    Raises :class:`TramosInvalidos`, naming the tier (from 1), for gaps, overlaps, wrong order, a
    bounded last tier, percentages outside 0-100, negative amounts and tiers that pay nothing.
    """
    if not tramos:
        raise TramosInvalidos("La escala no tiene tramos.")
    esperado = CERO
    ultimo = len(tramos)
    for numero, tramo in enumerate(tramos, start=1):
        if not tramo.desde.is_finite() or (tramo.hasta is not None and not tramo.hasta.is_finite()):
            raise TramosInvalidos(f"Tramo {numero}: los límites deben ser números finitos.")
        if tramo.desde > esperado:
            raise TramosInvalidos(
                f"Tramo {numero}: hueco entre {plano(esperado)} y {plano(tramo.desde)}."
            )
        if tramo.desde < esperado:
            raise TramosInvalidos(
                f"Tramo {numero}: empieza en {plano(tramo.desde)} y se solapa con lo anterior,"
                f" que llega hasta {plano(esperado)}."
            )
        _validar_pago(numero, tramo)
        if tramo.hasta is None:
            if numero != ultimo:
                raise TramosInvalidos(f"Tramo {numero}: solo el último tramo puede no tener fin.")
            return
        if tramo.hasta <= tramo.desde:
            raise TramosInvalidos(f"Tramo {numero}: «hasta» debe ser mayor que «desde».")
        esperado = tramo.hasta
    raise TramosInvalidos(
        f"Tramo {ultimo}: el último tramo no puede tener fin; lo que pase de"
        f" {plano(esperado)} no estaría en ningún tramo."
    )


def _validar_pago(numero: int, tramo: Tramo) -> None:
    if tramo.porcentaje is None and tramo.monto_fijo is None:
        raise TramosInvalidos(f"Tramo {numero}: falta «porcentaje» o «monto_fijo».")
    if tramo.porcentaje is not None and not CERO <= tramo.porcentaje <= CIENTO:
        raise TramosInvalidos(f"Tramo {numero}: el porcentaje debe estar entre 0 y 100.")
    if tramo.monto_fijo is not None and not CERO <= tramo.monto_fijo < Decimal("Infinity"):
        raise TramosInvalidos(f"Tramo {numero}: el monto fijo no puede ser negativo.")


def validar_retroactiva(tramos: Sequence[Tramo]) -> None:
    """Check that a retroactive scale over a period never goes down.

    A lower tier for the whole period would take back what was already granted. Raises
    :class:`TramosInvalidos`.
    """
    for numero, (anterior, tramo) in enumerate(pairwise(tramos), start=2):
        if (tramo.porcentaje or CERO) < (anterior.porcentaje or CERO) or (
            tramo.monto_fijo or CERO
        ) < (anterior.monto_fijo or CERO):
            raise TramosInvalidos(
                f"Tramo {numero}: una escala completa por periodo no puede bajar."
            )


def tramo_de(tramos: Sequence[Tramo], medida: Decimal) -> Tramo:
    """Tier that holds a metric of ``medida``; the first for 0. The tiers must be valid."""
    for tramo in tramos:
        if tramo.hasta is None or medida <= tramo.hasta:
            return tramo
    raise TramosInvalidos(f"Ningún tramo contiene {plano(medida)}.")


def escalonar(
    terminos: Terminos, base: Decimal, cantidad: int, previo: Acumulado, pasos: list[Paso]
) -> tuple[Decimal, Decimal | None]:
    """What an order adds to a scale, exact and in the order's currency, and its rate in percent.

    ``previo`` is the period before the order. Appends the steps to ``pasos``.
    """
    if not terminos.tramos:
        raise TramosInvalidos("La regla escalonada no tiene tramos.")
    if terminos.modo is Modo.COMPLETA:
        return _completa(terminos, terminos.tramos, base, cantidad, previo, pasos)
    if terminos.metrica is Metrica.CANTIDAD:
        return _graduada_por_cantidad(terminos.tramos, base, cantidad, previo, pasos)
    return _graduada_por_valor(terminos.tramos, base, previo, pasos)


def _graduada_por_valor(
    tramos: tuple[Tramo, ...], base: Decimal, previo: Acumulado, pasos: list[Paso]
) -> tuple[Decimal, Decimal | None]:
    antes = previo.valor
    despues = antes + base
    total = CERO
    tasas: list[Decimal | None] = []
    for tramo in tramos:
        if tramo.hasta is not None and tramo.hasta <= antes:
            continue
        if tramo.desde >= despues:
            break
        inicio = tramo.desde if tramo.desde > antes else antes
        fin = despues if tramo.hasta is None or despues < tramo.hasta else tramo.hasta
        porcion = fin - inicio
        if porcion:
            fijo = tramo.monto_fijo if antes <= tramo.desde else None
            monto = _suma(porcion, tramo.porcentaje, fijo, 1)
            total += monto
            tasas.append(tramo.porcentaje)
            pasos.append(_paso_tramo("tramo", tramo, porcion, fijo, 1, monto))
    return total, _tasa(tasas, total, base)


def _graduada_por_cantidad(
    tramos: tuple[Tramo, ...], base: Decimal, cantidad: int, previo: Acumulado, pasos: list[Paso]
) -> tuple[Decimal, Decimal | None]:
    antes = previo.cantidad
    despues = antes + cantidad
    numerador = CERO
    fijos = CERO
    tasas: list[Decimal | None] = []
    for tramo in tramos:
        # Whole items only: a tier "up to 2.5" holds 2 items.
        inicio = max(antes, int(tramo.desde))
        fin = despues if tramo.hasta is None else min(despues, int(tramo.hasta))
        items = fin - inicio
        if items <= 0:
            continue
        parte = base * items
        if tramo.porcentaje is not None:
            numerador += parte * tramo.porcentaje
        if tramo.monto_fijo is not None:
            fijos += tramo.monto_fijo * items
        tasas.append(tramo.porcentaje)
        porcion = _acortar(parte / cantidad)
        importe = _suma(porcion, tramo.porcentaje, tramo.monto_fijo, items)
        pasos.append(_paso_tramo("tramo_items", tramo, porcion, tramo.monto_fijo, items, importe))
    # One division, last: dividing slice by slice could turn an exact half cent into a near miss.
    total = _acortar(numerador / (100 * cantidad)) + fijos
    return total, _tasa(tasas, total, base)


def _completa(
    terminos: Terminos,
    tramos: tuple[Tramo, ...],
    base: Decimal,
    cantidad: int,
    previo: Acumulado,
    pasos: list[Paso],
) -> tuple[Decimal, Decimal | None]:
    por_valor = terminos.metrica is not Metrica.CANTIDAD
    por_item = terminos.por is Por.ITEM
    bases = previo.valor + base
    items = previo.cantidad + cantidad
    unidades = items if por_item else previo.ordenes + 1
    tramo = tramo_de(tramos, bases if por_valor else Decimal(items))
    total = _suma(bases, tramo.porcentaje, tramo.monto_fijo, unidades)
    codigo = "tramo_alcanzado" if por_valor else "tramo_alcanzado_items"
    pasos.append(_paso_tramo(codigo, tramo, bases, tramo.monto_fijo, unidades, total))
    if not (previo.ordenes or previo.valor or previo.cantidad):
        return total, tramo.porcentaje
    anterior = tramo_de(tramos, previo.valor if por_valor else Decimal(previo.cantidad))
    unidades = previo.cantidad if por_item else previo.ordenes
    antes = _suma(previo.valor, anterior.porcentaje, anterior.monto_fijo, unidades)
    pasos.append(
        _paso_tramo("tramo_anterior", anterior, previo.valor, anterior.monto_fijo, unidades, antes)
    )
    return total - antes, tramo.porcentaje


def _acortar(numero: Decimal) -> Decimal:
    return numero.quantize(FINURA) if numero != numero.quantize(FINURA) else numero


def _suma(
    porcion: Decimal, porcentaje: Decimal | None, monto_fijo: Decimal | None, unidades: int
) -> Decimal:
    monto = CERO if porcentaje is None else porcion * porcentaje * CENTESIMA
    return monto if monto_fijo is None else monto + monto_fijo * unidades


def _tasa(tasas: list[Decimal | None], total: Decimal, base: Decimal) -> Decimal | None:
    if len(tasas) == 1:
        return tasas[0]
    if not base or all(tasa is None for tasa in tasas):
        return None
    return (total * CIENTO / base).quantize(Decimal("0.0001"))


def _paso_tramo(
    codigo: str,
    tramo: Tramo,
    porcion: Decimal,
    monto_fijo: Decimal | None,
    unidades: int,
    monto: Decimal,
) -> Paso:
    return Paso(
        codigo,
        (
            ("desde", plano(tramo.desde)),
            ("hasta", "" if tramo.hasta is None else plano(tramo.hasta)),
            ("porcion", plano(porcion)),
            ("porcentaje", "" if tramo.porcentaje is None else plano(tramo.porcentaje)),
            ("monto_fijo", "" if monto_fijo is None else plano(monto_fijo)),
            ("unidades", str(unidades)),
            ("monto", plano(monto)),
        ),
    )
