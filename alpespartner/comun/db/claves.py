"""Inserting many rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def poner_claves(objetos: Sequence[Any], *, unico: str = "id_publico") -> None:
    """Give rows of a bulk insert the primary keys that MySQL does not return, in one query."""
    if not objetos or objetos[0].pk is not None:
        return
    valores = {getattr(objeto, unico): objeto for objeto in objetos}
    claves = type(objetos[0])._default_manager.filter(**{f"{unico}__in": list(valores)})
    for valor, pk in claves.values_list(unico, "pk"):
        valores[valor].pk = pk
