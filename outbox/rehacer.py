"""Making anew what a consumer keeps of the rows that events tell of, while everybody goes on.

What was kept is forgotten in one transaction, and the rows are taken a portion at a time. A
consumer that works meanwhile keeps the same of each row: whoever comes second finds it so. One
that was interrupted goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import transaction
from django.db.models import Max, QuerySet

from outbox.consumo import Consumidor
from outbox.entrega import dar_por_recibidos
from outbox.models import OutboxEvent

# While others write: on SQLite they wait for each.
PORCION = 2_000
EVENTOS = 5_000

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Rehechura(Generic[T]):
    """What a consumer keeps, and how it is made anew. Each step is called with the turn taken."""

    consumidor: Consumidor
    # The kinds of rows.
    todo: Sequence[T]
    tomar_turno: Callable[[], None]
    # Forget all, unless another time was interrupted; gets the last event that there is.
    empezar: Callable[[int], None]
    # Whether it began and no row was taken yet.
    intacta: Callable[[], bool]
    # The last key of a kind that was taken; None when there is nothing to do.
    avance: Callable[[T], int | None]
    filas: Callable[[T], QuerySet[Any]]
    guardar: Callable[[T, list[int]], None]
    # Note the last key of a kind; None when it has no more.
    anotar: Callable[[T, int | None], None]


def rehacer(una: Rehechura[T]) -> Iterator[tuple[T, int]]:
    """Take every row of every kind anew, a portion in each transaction; yields each kind with how
    many rows more it has.

    Events from before that the consumer never got count as received: their rows are taken as they
    are now.
    """
    hasta = int(OutboxEvent.objects.aggregate(m=Max("posicion"))["m"] or 0)
    with transaction.atomic():
        una.tomar_turno()
        una.empezar(hasta)
    for desde in range(0, hasta, EVENTOS):
        with transaction.atomic():
            una.tomar_turno()
            # An event that was written after its row was taken must come.
            if not una.intacta():
                break
            dar_por_recibidos(una.consumidor, desde, min(hasta, desde + EVENTOS))
    for cual in una.todo:
        while tomadas := _porcion(una, cual):
            yield cual, tomadas


def _porcion(una: Rehechura[T], cual: T) -> int:
    """Take the next rows; 0 when there are no more."""
    with transaction.atomic():
        una.tomar_turno()
        tras = una.avance(cual)
        if tras is None:
            return 0
        filas = una.filas(cual).filter(pk__gt=tras).order_by("pk")
        claves = list(filas.values_list("pk", flat=True)[:PORCION])
        una.guardar(cual, claves)
        una.anotar(cual, claves[-1] if claves else None)
    return len(claves)
