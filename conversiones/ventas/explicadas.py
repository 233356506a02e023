"""What a sale earns for being one of its customer's, in words.

Commissions are above sales: who calculates them says so here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_QUIEN: list[Callable[[Any], list[str]]] = []


def registrar_quien_explica(explicar: Callable[[Any], list[str]]) -> None:
    """Say who tells of a commission why its sale, a renewal, earns or does not."""
    _QUIEN[:] = [explicar]


def por_su_cliente(comision: Any) -> list[str]:
    """Sentences of a renewal; nothing of any other sale."""
    return [frase for explicar in _QUIEN for frase in explicar(comision)]
