"""Programming errors of posting: they stop the transaction, never reach a person."""

from __future__ import annotations


class AsientoInvalido(ValueError):
    """The entry does not balance or is outside a transaction."""
