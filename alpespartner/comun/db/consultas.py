"""Queries whose SQL is written once."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)


class ConsultaFija(Generic[M]):
    """A query asked with other values each time, for the few reads that every sale pays for.

    There the ORM takes three times longer to write its SQL than to ask it. ``consulta`` is an
    ordinary query without related rows. A call gives the first of its values, texts or integers,
    in the order of its conditions; those after them stay as they are.
    """

    def __init__(self, consulta: QuerySet[M]) -> None:
        self._consulta = consulta

    @cached_property
    def _escrita(self) -> tuple[str, tuple[Any, ...]]:
        sql, valores = self._consulta.query.sql_with_params()
        return sql, tuple(valores)

    def todas(self, *valores: str | int) -> list[M]:
        """Rows, in the query's order."""
        sql, propios = self._escrita
        todos = (*valores, *propios[len(valores) :])
        return list(self._consulta.model._default_manager.raw(sql, todos))

    def primera(self, *valores: str | int) -> M | None:
        """The first row, or None."""
        return next(iter(self.todas(*valores)), None)
