"""What a query asks for, as data: which column has which value.

A list filters by columns of its own table. What belongs to another table is looked up first, by its
index, and becomes keys: a join would leave to the database which table it begins with, and one
wrong guess reads all of a large one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from django.db import connection, models
from django.db.models import QuerySet
from django.db.models.expressions import Col
from django.db.models.lookups import Lookup
from django.db.models.sql.where import NothingNode, WhereNode

from alpespartner.comun.listas.errores import DemasiadasRamas, NoListable

# More of them than any page of ours asks for.
MAX_RAMAS = 1_000
_RANGOS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


@dataclass(frozen=True, slots=True)
class Condicion:
    """``columna operador valor``; the operator is ``=``, one of a range, ``IS NULL`` or
    ``IS NOT NULL``."""

    columna: str
    operador: str
    valor: Any = None

    @property
    def igual(self) -> bool:
        """Whether it leaves one value."""
        return self.operador in ("=", "IS NULL")

    @property
    def valores(self) -> list[Any]:
        """What its text leaves out."""
        return [] if self.operador.startswith("IS") else [self.valor]

    def sql(self) -> str:
        """Its text."""
        marca = "" if self.operador.startswith("IS") else " %s"
        return f"{connection.ops.quote_name(self.columna)} {self.operador}{marca}"


# Conditions that hold together; a query is one of several such sets.
Rama = tuple[Condicion, ...]


def ramas(consulta: QuerySet[Any]) -> list[Rama]:
    """The sets of conditions that a query is the union of; none when nothing can match.

    Raises :class:`NoListable` for anything but comparisons of the query's own columns, and
    :class:`DemasiadasRamas`.
    """
    consulta_sql = consulta.query
    if consulta_sql.is_sliced or consulta_sql.combinator or consulta_sql.distinct:
        raise NoListable(f"{consulta.model.__name__}: slices, unions and DISTINCT")
    halladas = [rama for rama in _de(consulta_sql.where, consulta) if rama is not None]
    return list(dict.fromkeys(halladas))


def _de(nodo: Any, consulta: QuerySet[Any]) -> list[Rama]:
    if isinstance(nodo, NothingNode):
        return []
    if isinstance(nodo, WhereNode):
        if nodo.negated or nodo.connector not in ("AND", "OR"):
            raise NoListable(f"{consulta.model.__name__}: NOT")
        partes = [_de(hijo, consulta) for hijo in nodo.children]
        if nodo.connector == "OR":
            return _acotadas([rama for parte in partes for rama in parte])
        juntas: list[Rama] = [()]
        for parte in partes:
            if len(juntas) * len(parte) > MAX_RAMAS:
                raise DemasiadasRamas
            juntas = [
                unida
                for una, otra in product(juntas, parte)
                if (unida := _unir(una, otra)) is not None
            ]
        return juntas
    if isinstance(nodo, Lookup):
        return _acotadas([(condicion,) for condicion in _condiciones(nodo, consulta)])
    raise NoListable(f"{consulta.model.__name__}: {type(nodo).__name__}")


def _acotadas(halladas: list[Rama]) -> list[Rama]:
    if len(halladas) > MAX_RAMAS:
        raise DemasiadasRamas
    return halladas


def _unir(una: Rama, otra: Rama) -> Rama | None:
    """Both; None when they contradict each other."""
    iguales = {c.columna: c for c in una if c.igual}
    for condicion in otra:
        previa = iguales.get(condicion.columna)
        if condicion.igual and previa is not None and previa != condicion:
            return None
    return una + tuple(c for c in otra if c not in una)


def _condiciones(nodo: Lookup[Any], consulta: QuerySet[Any]) -> Iterator[Condicion]:
    campo = _campo(nodo, consulta)
    nombre, dado = nodo.lookup_name, nodo.rhs
    if hasattr(dado, "resolve_expression"):
        raise NoListable(f"{consulta.model.__name__}.{campo.name}: a subquery")
    if nombre == "isnull":
        yield Condicion(campo.column, "IS NULL" if dado else "IS NOT NULL")
        return
    if nombre not in ("exact", "in", *_RANGOS):
        raise NoListable(f"{consulta.model.__name__}.{campo.name}: {nombre}")
    for valor in dict.fromkeys(dado) if nombre == "in" else [dado]:
        if valor is None or _no_cabe(campo, valor):
            if nombre in _RANGOS:
                raise DemasiadasRamas
            continue
        de = campo.target_field if campo.remote_field else campo
        # Prepared by itself: MySQL's backend refuses to look for the key 0, which no row has.
        guardado = de.get_db_prep_value(de.get_prep_value(valor), connection, prepared=True)
        yield Condicion(campo.column, _RANGOS.get(str(nombre), "="), guardado)


def _campo(nodo: Lookup[Any], consulta: QuerySet[Any]) -> Any:
    columna = nodo.lhs
    if not isinstance(columna, Col) or columna.alias != consulta.query.get_initial_alias():
        raise NoListable(f"{consulta.model.__name__}: {columna!r} is of another table")
    return columna.target


def _no_cabe(campo: Any, valor: Any) -> bool:
    """Whether no row can have a value: an integer beyond its column."""
    de = campo.target_field if campo.remote_field else campo
    if not isinstance(de, models.IntegerField) or not isinstance(valor, int):
        return False
    menor, mayor = connection.ops.integer_field_range(de.get_internal_type())
    return (menor is not None and valor < menor) or (mayor is not None and valor > mayor)
