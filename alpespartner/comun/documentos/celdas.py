"""Text that ends up in a spreadsheet."""

from __future__ import annotations

_PELIGROSOS = ("=", "+", "-", "@", "\t", "\r")


def celda(valor: str) -> str:
    """``valor`` as a cell that no spreadsheet takes for a formula: ``'`` goes first."""
    return f"'{valor}" if valor.startswith(_PELIGROSOS) else valor
