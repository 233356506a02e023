"""What a list may refuse."""

from __future__ import annotations


class NoListable(TypeError):
    """A query that no index can answer by itself: a mistake of whoever wrote the list."""


class DemasiadasRamas(ValueError):
    """More values at once than a list looks for."""


class CursorAjeno(ValueError):
    """A cursor that we did not make, or that is of another list."""
