"""Turns of what is calculated from earlier commissions."""

from __future__ import annotations

from collections.abc import Iterable

from alpespartner.comun.turnos import tomar
from comisiones.calculo.partes import Parte
from comisiones.motor import AmbitoTope


def tomar_turnos(partes: Iterable[Parte]) -> None:
    """Wait until nobody else calculates what these commissions depend on.

    The turns end with the caller's transaction; they are all taken here, in a fixed order, before
    anything is read.
    """
    tomar(clave for parte in partes for clave in _claves(parte))


def _claves(parte: Parte) -> Iterable[str]:
    if parte.aplicable is None:
        return
    todos = [aplicable.terminos for aplicable in parte.aplicable.todas]
    ambitos = {tope.ambito for terminos in todos for tope in terminos.topes_gasto or ()}
    if any(terminos.acumula for terminos in todos) or AmbitoTope.AFILIADO in ambitos:
        yield f"afiliado:{parte.afiliado.pk}"
    if AmbitoTope.CAMPANA in ambitos:
        yield f"campana:{parte.conversion.campana_id}"
