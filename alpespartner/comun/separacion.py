"""Separation of duties: whose hands did something.

Whoever did one half of something does not do the other. Two authors may be the same hands: which,
only the app knows that has them, and it says so here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from alpespartner.comun.actores import Actor, de_texto

_OTRAS: dict[str, Callable[[str], Collection[str]]] = {}


def registrar(tipo: str, otras: Callable[[str], Collection[str]]) -> None:
    """Say which authors, as rows name them, are the same hands as one of a kind, by its id."""
    _OTRAS[tipo] = otras


def manos(actor: Actor) -> frozenset[str]:
    """Every author that counts as this one, as rows name them.

    None for the system, which decides nothing: it applies what persons published.
    """
    if actor.tipo == "sistema":
        return frozenset()
    otras = _OTRAS[actor.tipo](actor.id) if actor.tipo in _OTRAS else ()
    return frozenset({str(actor), *otras})


def son_las_mismas(autor: str, actor: Actor) -> bool:
    """Whether the author that a row names is this one, or its hands."""
    return bool(autor) and (autor == str(actor) or autor in manos(actor))


def manos_de(autor: str) -> frozenset[str]:
    """:func:`manos` of the author that a row names."""
    return manos(de_texto(autor))
