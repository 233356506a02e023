"""What a bank moved of one payment, fact by fact, and what one more of them means.

A payment leaves once and may come back once. Banks also take it twice, give one of the two back,
return it before they say that it left, or take it again after a return: each is a fact, that adds
or takes one, and the money is where the sum of all says, whatever the order they come in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from comisiones.pagos.estados import EstadoPago
from comisiones.pagos.models import ResultadoLinea

_R = ResultadoLinea
# How many times the money of a payment is out, by its state.
FUERA: dict[str, int] = {EstadoPago.PAGADO: 1, EstadoPago.DEVUELTO: 0, EstadoPago.FALLIDO: 0}


@dataclass(frozen=True, slots=True)
class Hecho:
    """A line about a payment, of its amount and booked. ``banco`` is the bank's own reference."""

    sale: bool
    banco: str
    dia: str
    extracto: int


def que_significa(estado: str, previos: Iterable[Hecho], nuevo: Hecho) -> ResultadoLinea | None:
    """What a new fact of a payment in a state is, after those before it; None when it says
    something of the payment that is to be resolved."""
    hechos = distintos(previos)
    if any(_el_mismo(nuevo, otro) for otro in hechos):
        return _R.YA_SABIDA
    if estado not in FUERA:
        return None
    fuera, antes = FUERA[estado], neto(hechos)
    if nuevo.sale:
        if antes < fuera:
            return _R.YA_SABIDA
        # That it left when it had failed is not too much of it: it is not what we were told.
        return None if estado == EstadoPago.FALLIDO else _R.DE_MAS
    if antes > fuera:
        return _R.COMPENSA
    if estado == EstadoPago.PAGADO:
        return None
    return _R.YA_SABIDA if estado == EstadoPago.FALLIDO and antes == 0 else _R.DE_MAS


def neto(hechos: Sequence[Hecho]) -> int:
    """How many times the money is out."""
    return sum(1 if hecho.sale else -1 for hecho in hechos)


def distintos(hechos: Iterable[Hecho]) -> list[Hecho]:
    """Without those that tell again, in another statement, what another one told."""
    vistos: list[Hecho] = []
    for hecho in hechos:
        if not any(_el_mismo(hecho, otro) for otro in vistos):
            vistos.append(hecho)
    return vistos


def _el_mismo(uno: Hecho, otro: Hecho) -> bool:
    """A bank tells the same in a notification and in a statement, not always in the same words;
    what it tells twice in one file happened twice."""
    if uno.sale != otro.sale or uno.extracto == otro.extracto:
        return False
    if uno.banco and otro.banco:
        return uno.banco == otro.banco
    return uno.dia == otro.dia
