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
    """A line about a payment, of its amount and booked. ``banco`` is the bank's own reference, and
    ``repetido`` says that another file had the same line, word for word."""

    sale: bool
    banco: str
    dia: str
    extracto: int
    repetido: bool = False


@dataclass(slots=True)
class Suceso:
    """What happened, however many statements tell it; ``extractos`` are those that did."""

    sale: bool
    banco: str
    dia: str
    extractos: set[int]


def que_significa(estado: str, previos: Iterable[Hecho], nuevo: Hecho) -> ResultadoLinea | None:
    """What a new fact of a payment in a state is, after those before it; None when it says
    something of the payment that is to be resolved."""
    sucesos = distintos(previos)
    if _el_que_cuenta(nuevo, sucesos) is not None:
        return _R.YA_SABIDA
    if estado not in FUERA:
        return None
    fuera, antes = FUERA[estado], neto(sucesos)
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


def neto(sucesos: Sequence[Suceso]) -> int:
    """How many times the money is out."""
    return sum(1 if suceso.sale else -1 for suceso in sucesos)


def distintos(hechos: Iterable[Hecho]) -> list[Suceso]:
    """What some lines tell, in order: once what several statements do."""
    sucesos: list[Suceso] = []
    for hecho in hechos:
        suceso = _el_que_cuenta(hecho, sucesos)
        if suceso is not None:
            suceso.extractos.add(hecho.extracto)
            suceso.banco = suceso.banco or hecho.banco
        elif not hecho.repetido:
            sucesos.append(Suceso(hecho.sale, hecho.banco, hecho.dia, {hecho.extracto}))
    return sucesos


def _el_que_cuenta(hecho: Hecho, sucesos: Iterable[Suceso]) -> Suceso | None:
    """What happened and a line tells again, if it does. A bank tells the same in a notification and
    in a statement, not always in the same words; what it tells twice in one file happened twice."""
    otros = [s for s in sucesos if s.sale == hecho.sale and hecho.extracto not in s.extractos]
    for suceso in otros:
        if hecho.banco and hecho.banco == suceso.banco:
            return suceso
    for suceso in otros:
        if not (hecho.banco and suceso.banco) and hecho.dia == suceso.dia:
            return suceso
    return None
