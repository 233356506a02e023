"""Counts and sums of lists that an app keeps, for what an index cannot count in time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Model, QuerySet

from alpespartner.comun.listas.condiciones import ramas


class Celda(NamedTuple):
    """How many rows are in a state and a currency, and what they add up to."""

    estado: str
    moneda: str
    cuantas: int
    suma: Decimal


# Counters of the union of some sets of rows, each with the value of some columns.
Lector = Callable[[Sequence[Mapping[str, Any]]], "list[Celda] | None"]

_LECTORES: dict[type[Model], Lector] = {}
_ATRASO: list[Callable[[], datetime | None]] = []


def registrar(modelo: type[Model], lector: Lector) -> None:
    """Declare who keeps the counts of a table."""
    _LECTORES[modelo] = lector


def registrar_atraso(desde: Callable[[], datetime | None]) -> None:
    """Declare who knows since when the counters lack something."""
    _ATRASO[:] = [desde]


def atrasadas_desde() -> datetime | None:
    """Since when the counters lack something, if they are late."""
    return _ATRASO[0]() if _ATRASO else None


def celdas(consulta: QuerySet[Any]) -> list[Celda]:
    """What the counters say of a query; nothing when they do not know.

    Raises what :func:`~alpespartner.comun.listas.condiciones.ramas` raises.
    """
    lector = _LECTORES.get(consulta.model)
    if lector is None:
        return []
    conjuntos = []
    for rama in ramas(consulta):
        if any(condicion.operador != "=" for condicion in rama):
            return []
        conjuntos.append({condicion.columna: condicion.valor for condicion in rama})
    return (lector(conjuntos) or []) if conjuntos else []


def cuantas(celdas: Iterable[Celda]) -> int:
    """Rows in all."""
    return sum(celda.cuantas for celda in celdas)


def sumas(celdas: Iterable[Celda]) -> list[tuple[str, Decimal]]:
    """Currency and sum of those that have rows."""
    filas: dict[str, int] = defaultdict(int)
    total: dict[str, Decimal] = defaultdict(Decimal)
    for celda in celdas:
        filas[celda.moneda] += celda.cuantas
        total[celda.moneda] += celda.suma
    return [(moneda, total[moneda]) for moneda in sorted(total) if filas[moneda]]
