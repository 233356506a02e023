"""Refunds: a commission goes back in proportion to what was refunded, cumulatively.

After refunds of D on a sale of V, ``round(commission x D / V)`` has gone back in total; each refund
takes the difference with what had gone back before. So partial refunds add up, a full refund ends
at exactly 0, and the reversals never pass the commission. (79 on a sale of 1000, refunds of 400 and
600: 32 and 47.)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from alpespartner.comun.dinero import CERO, CONTEXTO, cuantizar
from comisiones.motor.errores import ReversoInvalido


@dataclass(frozen=True, slots=True)
class Reverso:
    """``monto`` to take back (negative: to give back), and the state after it, in one currency.

    ``devuelto``: refunds so far; ``revertido``: reversals so far; ``resto``: commission left.
    """

    monto: Decimal
    devuelto: Decimal
    revertido: Decimal
    resto: Decimal


def revertido_total(comision: Decimal, venta: Decimal, devuelto: Decimal, moneda: str) -> Decimal:
    """How much of a commission must have gone back after refunds of ``devuelto`` on ``venta``.

    All in the main unit of ``moneda``; the frozen rate is ``comision / venta``. Raises
    :class:`ReversoInvalido` if ``devuelto`` is negative or over the sale, or the sale has no value.
    """
    if comision < CERO:
        raise ReversoInvalido("La comisión no puede ser negativa.")
    if venta <= CERO:
        raise ReversoInvalido("La venta no tiene valor: anule la comisión entera.")
    if devuelto > venta:
        raise ReversoInvalido("La devolución supera lo que queda de la venta.")
    if devuelto < CERO:
        raise ReversoInvalido("No se puede reponer más de lo devuelto.")
    # One division, exact whenever the result is a half unit: the rounding sees the true value.
    return cuantizar(CONTEXTO.divide(CONTEXTO.multiply(comision, devuelto), venta), moneda)


def revertir(
    *,
    comision: Decimal,
    venta: Decimal,
    devolucion: Decimal,
    moneda: str,
    devuelto: Decimal = CERO,
    revertido: Decimal | None = None,
) -> Reverso:
    """Effect of one more refund of ``devolucion`` (negative: a reversed chargeback).

    ``devuelto`` is the sum of earlier refunds and ``revertido`` what they took back (``None``: what
    the formula says). ``comision`` is the original, rounded commission. Raises
    :class:`ReversoInvalido` for a zero refund, one over what is left of the sale (a second full
    refund), or a sale without value.
    """
    if not devolucion:
        raise ReversoInvalido("La devolución no puede ser cero.")
    if revertido is None:
        revertido = revertido_total(comision, venta, devuelto, moneda)
    if not CERO <= revertido <= comision:
        raise ReversoInvalido("Lo revertido debe estar entre cero y la comisión.")
    despues = CONTEXTO.add(devuelto, devolucion)
    total = revertido_total(comision, venta, despues, moneda)
    return Reverso(total - revertido, despues, total, comision - total)


def revertir_todas(
    comision: Decimal, venta: Decimal, devoluciones: Iterable[Decimal], moneda: str
) -> tuple[Reverso, ...]:
    """Effects of several refunds in order. Raises as :func:`revertir`."""
    reversos: list[Reverso] = []
    devuelto = CERO
    for devolucion in devoluciones:
        reverso = revertir(
            comision=comision,
            venta=venta,
            devolucion=devolucion,
            moneda=moneda,
            devuelto=devuelto,
        )
        devuelto = reverso.devuelto
        reversos.append(reverso)
    return tuple(reversos)
