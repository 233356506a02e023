"""Which index of a table answers a set of conditions in an order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connection, models

from alpespartner.comun.listas.condiciones import Rama
from alpespartner.comun.listas.errores import NoListable


@dataclass(frozen=True, slots=True)
class Indice:
    """Columns in their order; the primary key comes after them in every index. ``nombre`` is empty
    when the database gave it one."""

    nombre: str
    columnas: tuple[str, ...]
    unico: bool = False

    def pista(self) -> str:
        """What makes the database use it, and no other."""
        if connection.vendor == "mysql" and self.nombre:
            return f" FORCE INDEX ({connection.ops.quote_name(self.nombre)})"
        if connection.vendor == "sqlite" and self.nombre and not self.unico:
            return f" INDEXED BY {connection.ops.quote_name(self.nombre)}"
        return ""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a set of conditions is read: those that the index leads to, in ``orden``, and those that
    are looked at in each row. ``entera``: the index has no order, and few rows: all are read."""

    indice: Indice
    guian: Rama
    miran: Rama
    entera: bool = False


def planes(modelo: type[models.Model], rama: Rama, orden: Sequence[str]) -> list[Plan]:
    """Ways to read a set of conditions in an order of columns that ends with the primary key, the
    best first. One that reads all of its index comes before one that may look at many rows.

    Raises :class:`NoListable` when no index has the order.
    """
    formas = _formas(modelo, tuple((c.columna, c.operador) for c in rama), tuple(orden))
    return [_plan(rama, *forma) for forma in formas]


def plan_para_contar(modelo: type[models.Model], rama: Rama) -> Plan:
    """The index that leads to most of a set of conditions, in whatever order."""
    indice, guian, entera = _forma_para_contar(modelo, tuple((c.columna, c.igual) for c in rama))
    return _plan(rama, indice, guian, entera)


_Forma = tuple[Indice, tuple[int, ...], bool]


def _plan(rama: Rama, indice: Indice, guian: tuple[int, ...], entera: bool) -> Plan:
    miran = tuple(c for n, c in enumerate(rama) if n not in guian)
    return Plan(indice, tuple(rama[n] for n in guian), miran, entera)


@cache
def _forma_para_contar(modelo: type[models.Model], firma: tuple[tuple[str, bool], ...]) -> _Forma:
    mejor: Indice = _primaria(modelo)
    guian: tuple[int, ...] = ()
    iguales = {columna: n for n, (columna, igual) in enumerate(firma) if igual}
    for indice in indices(modelo):
        suyas = _prefijo(indice, iguales)
        siguiente = indice.columnas[len(suyas) : len(suyas) + 1]
        suyas += tuple(
            n for n, (columna, igual) in enumerate(firma) if not igual and columna in siguiente
        )
        if len(suyas) > len(guian):
            mejor, guian = indice, suyas
    return mejor, guian, True


@cache
def _formas(
    modelo: type[models.Model], firma: tuple[tuple[str, str], ...], orden: tuple[str, ...]
) -> tuple[_Forma, ...]:
    """The plans of every set that has these columns and operators: the values change nothing."""
    iguales = {columna: n for n, (columna, operador) in enumerate(firma) if operador == "="}
    nulas = {columna: n for n, (columna, op) in enumerate(firma) if op == "IS NULL"}
    una = {**iguales, **nulas}
    resto = [columna for columna in orden if columna not in una]
    pk = modelo._meta.pk.column
    if pk in iguales:
        return ((_primaria(modelo), (iguales[pk],), True),)
    ordenados: list[_Forma] = []
    enteros: list[_Forma] = []
    for indice in indices(modelo):
        guian = _prefijo(indice, una)
        sobra = list(indice.columnas[len(guian) :])
        if indice.unico and not sobra and not nulas.keys() & set(indice.columnas):
            return ((indice, guian, True),)
        if [*sobra, pk] == resto or sobra == resto:
            rangos = tuple(
                n for n, (c, op) in enumerate(firma) if c == resto[0] and op not in ("=", "IS NULL")
            )
            ordenados.append((indice, guian + rangos, False))
        elif guian:
            enteros.append((indice, guian, True))
    ordenados.sort(key=lambda forma: (-len(forma[1]), not forma[0].nombre))
    enteros.sort(key=lambda forma: -len(forma[1]))
    if not ordenados:
        raise NoListable(f"{modelo.__name__}: no index has the order {', '.join(orden)}")
    if enteros and len(enteros[0][1]) > len(ordenados[0][1]):
        return (enteros[0], ordenados[0])
    return (ordenados[0],)


def _prefijo(indice: Indice, una: dict[str, int]) -> tuple[int, ...]:
    """Numbers of the conditions that the first columns of an index answer."""
    prefijo = []
    for columna in indice.columnas:
        if columna not in una:
            break
        prefijo.append(una[columna])
    return tuple(prefijo)


def _primaria(modelo: type[models.Model]) -> Indice:
    pk: Any = modelo._meta.pk.column
    nombre = "PRIMARY" if connection.vendor == "mysql" else ""
    return Indice(nombre, (pk,), unico=True)


def indices(modelo: type[models.Model]) -> Iterator[Indice]:
    """Those that the model declares, or the one whose proxy it is; a foreign key's own when no
    other begins with its column, for MySQL then drops it."""
    opciones = (modelo._meta.concrete_model or modelo)._meta

    def columnas(nombres: Sequence[str]) -> tuple[str, ...]:
        campos: list[Any] = [opciones.get_field(nombre.lstrip("-")) for nombre in nombres]
        return tuple(campo.column for campo in campos)

    declarados = [
        Indice(indice.name, columnas(indice.fields))
        for indice in opciones.indexes
        if indice.fields and indice.condition is None
    ]
    declarados += [
        Indice(restriccion.name, columnas(restriccion.fields), unico=True)
        for restriccion in opciones.constraints
        if isinstance(restriccion, models.UniqueConstraint) and restriccion.condition is None
    ]
    empiezan = {indice.columnas[0] for indice in declarados}
    todos: list[Any] = list(opciones.concrete_fields)
    propios = [campo for campo in todos if campo.unique or campo.db_index]
    yield _primaria(modelo)
    yield from declarados
    for campo in propios:
        if campo.unique or campo.column not in empiezan:
            yield Indice("", (campo.column,), unico=campo.unique)
