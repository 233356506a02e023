"""All of a list, however long: its keys in its order, a run at a time, as its pages read them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from alpespartner.comun.listas.claves import Posicion, leer
from alpespartner.comun.listas.pagina import orden_de

# Keys of a run. Each is read through an index after the last of the one before: never by OFFSET.
TRAMO = 2_000


def claves_de_todo(consulta: QuerySet[Any]) -> Iterator[list[Any]]:
    """Keys of a query in its order, in runs of up to ``TRAMO``: some may be empty, where many rows
    were looked at in vain. Raises what a page of it does."""
    orden = orden_de(consulta)
    desde: Posicion | None = None
    while True:
        leido = leer(consulta, orden, TRAMO, desde=desde)
        yield leido.claves
        if leido.hasta is None:
            return
        desde = leido.hasta
