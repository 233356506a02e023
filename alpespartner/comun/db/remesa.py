"""Statements that go to the database together: where it is another process, in one message.

What a service reads before it begins, and what it writes in the end, it knows at once: sent one by
one, most of its time is spent on the way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple, Protocol

from django.db import IntegrityError, connection
from django.db.models import AutoField, CharField, ForeignKey, IntegerField, Model, TextField
from django.db.transaction import get_connection

from alpespartner.comun.db.consultas import ConsultaFija, M

# Values that these fields give to the database as they are: most of a row, and asking each field
# costs as much as all the rest of its INSERT.
_TAL_CUAL = frozenset({str, int, type(None)})
_LLANOS = (CharField, TextField, IntegerField, ForeignKey)


class Orden(Protocol):
    """One statement."""

    filas: Sequence[Model]

    def escribir(self) -> tuple[str, Sequence[Any]]:
        """Its SQL and its values."""
        ...

    def recoger(self, cursor: Any) -> None:
        """Take what the database answered."""
        ...


class Remesa:
    """Statements in their order, for :meth:`enviar`.

    A row may name one that is inserted right before it, alone, whose key does not exist yet.
    """

    def __init__(self) -> None:
        self._ordenes: list[Orden] = []
        self._antes: Model | None = None

    def leer(self, consulta: ConsultaFija[M], *valores: str | int) -> list[M]:
        """Ask a query: its rows are in the list once all is sent."""
        lectura = _Lectura(consulta, valores)
        self._ordenes.append(lectura)
        return lectura.leidas

    def insertar(self, *filas: Model) -> None:
        """Insert new rows of one table; one alone gets its key."""
        if filas:
            self._ordenes.append(_Insercion(filas, self._antes))
            self._antes = filas[0] if len(filas) == 1 else None

    def ordenar(self, orden: Orden) -> None:
        """Another statement, one that gives no key: a row may still name the one before it."""
        self._ordenes.append(orden)

    def enviar(self, pueden_sobrar: Collection[Model] = ()) -> Model | None:
        """Send all of it; what follows a statement that fails is not done.

        Returns which of ``pueden_sobrar`` a constraint refuses: its INSERT undoes itself, and the
        transaction goes on. Raises IntegrityError for any other.
        """
        en_camino = None
        try:
            with connection.cursor() as cursor:
                juntas = connection.vendor == "mysql"
                if juntas:
                    en_camino = self._ordenes[0]
                    cursor.execute(*self._en_una())
                for n, orden in enumerate(self._ordenes):
                    en_camino = orden
                    if not juntas:
                        cursor.execute(*orden.escribir())
                    elif n:
                        cursor.nextset()
                    orden.recoger(cursor)
        except IntegrityError:
            filas = en_camino.filas if en_camino is not None else ()
            if len(filas) != 1 or not any(filas[0] is una for una in pueden_sobrar):
                raise
            return filas[0]
        return None

    def _en_una(self) -> tuple[str, list[Any]]:
        sentencias: list[str] = []
        valores: list[Any] = []
        for orden in self._ordenes:
            sql, suyos = orden.escribir()
            sentencias.append(sql)
            valores += suyos
        return ";".join(sentencias), valores


class _Lectura:
    filas: Sequence[Model] = ()

    def __init__(self, consulta: ConsultaFija[Any], valores: Sequence[str | int]) -> None:
        self._consulta, self._valores = consulta, valores
        self.leidas: list[Any] = []

    def escribir(self) -> tuple[str, Sequence[Any]]:
        return self._consulta.escribir(self._valores)

    def recoger(self, cursor: Any) -> None:
        self.leidas += self._consulta.leer(cursor.fetchall())


class _Tabla(NamedTuple):
    """The beginning of the INSERT of a table, the fields whose values follow (all but a key to
    come), and those of them that name other rows."""

    principio: str
    campos: tuple[Any, ...]
    relaciones: tuple[Any, ...]


@cache
def _tabla(modelo: type[Model]) -> _Tabla:
    campos = tuple(c for c in modelo._meta.local_concrete_fields if not isinstance(c, AutoField))
    entre_comillas = connection.ops.quote_name
    nombres = ",".join(entre_comillas(str(campo.column)) for campo in campos)
    principio = f"INSERT INTO {entre_comillas(modelo._meta.db_table)} ({nombres}) VALUES "  # noqa: S608
    return _Tabla(principio, campos, tuple(c for c in campos if c.is_relation))


class _Insercion:
    def __init__(self, filas: Sequence[Model], antes: Model | None) -> None:
        self.filas = filas
        self._tabla = _tabla(type(filas[0]))
        for fila, campo in self._nombran():
            if _por_insertar(fila, campo) not in (None, antes):
                raise ValueError(f"{campo}: la fila que nombra no se inserta justo antes")

    def _nombran(self) -> Iterator[tuple[Model, Any]]:
        return ((fila, campo) for fila in self.filas for campo in self._tabla.relaciones)

    def escribir(self) -> tuple[str, Sequence[Any]]:
        marcas, valores = [], []
        # The connection itself: each question through its proxy looks for it again.
        conexion = get_connection()
        for fila in self.filas:
            suyas = []
            for campo in self._tabla.campos:
                if campo.is_relation and _por_insertar(fila, campo) is not None:
                    suyas.append("LAST_INSERT_ID()")
                    continue
                suyas.append("%s")
                valor = campo.pre_save(fila, add=True)
                if type(valor) not in _TAL_CUAL or not isinstance(campo, _LLANOS):
                    valor = campo.get_db_prep_save(valor, conexion)
                valores.append(valor)
            marcas.append(f"({','.join(suyas)})")
        return self._tabla.principio + ",".join(marcas), valores

    def recoger(self, cursor: Any) -> None:
        if len(self.filas) == 1 and self.filas[0].pk is None:
            self.filas[0].pk = cursor.lastrowid
        for fila in self.filas:
            fila._state.adding, fila._state.db = False, connection.alias
        for fila, campo in self._nombran():
            _por_insertar(fila, campo)


def _por_insertar(fila: Model, campo: Any) -> Model | None:
    """The row that a column names while that has no key; once it does, the column gets it."""
    if getattr(fila, campo.attname) is not None:
        return None
    otra: Model | None = campo.get_cached_value(fila, default=None)
    if otra is not None and otra.pk is not None:
        setattr(fila, campo.name, otra)
        return None
    return otra
