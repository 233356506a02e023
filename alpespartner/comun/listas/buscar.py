"""Searches that an index answers."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from alpespartner.comun.busqueda.consulta import LIMITE


def variantes(texto: str) -> set[str]:
    """A text as people write the same name."""
    return {texto, texto.lower(), texto.capitalize(), texto.title()}


def empieza(campo: str, texto: str) -> Q:
    """Whether a text begins so, as written or capitalized, as ranges of an index of it."""
    condicion = Q()
    for inicio in sorted(variantes(texto)):
        # A range instead of LIKE, which SQLite does not serve from an index.
        condicion |= Q(**{f"{campo}__gte": inicio, f"{campo}__lt": f"{inicio}\U0010ffff"})
    return condicion


def claves_de(consulta: QuerySet[Any], limite: int = LIMITE) -> list[int]:
    """The first keys that a query finds by its indexes."""
    return list(consulta.order_by().values_list("pk", flat=True)[:limite])
