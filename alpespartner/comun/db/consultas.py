"""Queries whose SQL is written once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators
from django.db.transaction import get_connection

M = TypeVar("M", bound=Model)


class _Escrita(NamedTuple):
    """The SQL of a query with its values, the columns that it gives of its own rows, how each is
    read, and what puts the related rows together from those that follow."""

    sql: str
    valores: tuple[Any, ...]
    columnas: list[str]
    lectores: list[tuple[int, Any, list[Any]]]
    relacionadas: list[Any]


class ConsultaFija(Generic[M]):
    """A query asked with other values each time, for the few reads that every sale pays for, and
    those of one object over the API.

    There the ORM takes three times longer to write its SQL than to ask it. ``consulta`` is an
    ordinary query. A call gives the first of its values, texts or integers,
    in the order of its conditions; those after them stay as they are. Its rows stay as they are
    until the caller's transaction ends when they are ``compartidas``. ``como`` makes each of them
    of its columns, in their order, where there are many and nobody needs the model: that costs more
    than all the rest.
    """

    def __init__(
        self,
        consulta: QuerySet[M],
        *,
        compartidas: bool = False,
        como: Callable[..., Any] | None = None,
    ) -> None:
        self._consulta = consulta
        self._compartidas = compartidas
        self._como = como

    @cached_property
    def _escrita(self) -> _Escrita:
        compilador = self._consulta.query.get_compiler(connection=connection)
        sql, valores = compilador.as_sql()
        # SQLite needs no lock: a transaction that writes is alone.
        if self._compartidas and connection.vendor == "mysql":
            sql += " LOCK IN SHARE MODE"
        columnas = [columna for columna, _sql, _alias in compilador.select]
        # None of bare values (``values_list``), which ``como`` takes.
        quienes = compilador.klass_info
        propias = quienes["select_fields"][-1] + 1 if quienes else len(columnas)
        lectores = compilador.get_converters(columnas)
        return _Escrita(
            sql,
            tuple(valores),
            [columna.target.attname for columna in columnas[:propias]],
            [(n, columna, suyos) for n, (suyos, columna) in lectores.items()],
            # The stubs are of a later Django.
            get_related_populators(quienes or {}, compilador.select, connection.alias),  # type: ignore[call-arg]
        )

    def escribir(self, valores: Sequence[str | int]) -> tuple[str, tuple[Any, ...]]:
        """Its SQL, and all of its values."""
        escrita = self._escrita
        return escrita.sql, (*valores, *escrita.valores[len(valores) :])

    def leer(self, filas: Iterable[Sequence[Any]]) -> list[M]:
        """What the database answered, as rows of the model."""
        _sql, _valores, columnas, lectores, relacionadas = self._escrita
        propias = len(columnas)
        leidas: list[Any] = []
        conexion = get_connection()
        for fila in filas:
            valores = list(fila)
            for n, columna, suyos in lectores:
                for lector in suyos:
                    valores[n] = lector(valores[n], columna, conexion)
            if self._como is not None:
                leidas.append(self._como(*valores))
            else:
                leida = self._consulta.model.from_db(conexion.alias, columnas, valores[:propias])
                for relacionada in relacionadas:
                    relacionada.populate(valores, leida)
                leidas.append(leida)
        return leidas

    def todas(self, *valores: str | int) -> list[M]:
        """Rows, in the query's order."""
        with connection.cursor() as cursor:
            cursor.execute(*self.escribir(valores))
            return self.leer(cursor.fetchall())

    def primera(self, *valores: str | int) -> M | None:
        """The first row, or None."""
        return next(iter(self.todas(*valores)), None)
