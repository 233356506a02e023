"""The index of what people search by, kept by the services in the transaction of each row.

A row is found by the beginning of a piece of its texts (``Trozo``), whatever surrounds it there:
one range of one index, as far as a limit, in either database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Model
from django.db.models.constants import OnConflict

from alpespartner.comun.busqueda.texto import ANCHO, MAXIMO, trozos
from alpespartner.comun.db.remesa import Remesa
from alpespartner.comun.identificadores import FINAL
from alpespartner.comun.models import Trozo

_POR_SENTENCIA = 2_000
_TABLA = Trozo._meta.db_table
_COLUMNAS = f"{_TABLA} (de, texto, fila)"


@dataclass(frozen=True)
class Buscable:
    """What the rows of a table are searched by: columns whose ``palabras`` are found by their
    beginning, those of which any part (``partes``) is, and those that programs make, of which the
    last letters (``cabos``) are too. ``de`` names the table in the index.

    A piece for each letter of a long id would cost as much as the sale that has it, and what people
    have of one is its beginning, a word or the end.
    """

    de: int
    modelo: type[Model]
    palabras: tuple[str, ...] = ()
    partes: tuple[str, ...] = ()
    cabos: tuple[str, ...] = ()
    # Whether by the end of its public id, too.
    por_final: bool = False

    @property
    def columnas(self) -> tuple[str, ...]:
        """All that is searched, the public id at the end."""
        al_final = ("id_publico",) if self.por_final else ()
        return (*self.palabras, *self.partes, *self.cabos, *al_final)

    def trozos_de(self, valores: Sequence[Any]) -> set[str]:
        """Pieces of a row, from the values of its columns."""
        hallados: set[str] = set()
        for columna, valor in zip(self.columnas, valores, strict=True):
            if not isinstance(valor, str):
                continue
            if columna == "id_publico":
                hallados |= trozos(valor[-FINAL:], letras=0)
            else:
                hallados |= trozos(valor, letras=self._letras(columna))
        return hallados

    def _letras(self, columna: str) -> int:
        if columna in self.partes:
            return MAXIMO
        return ANCHO if columna in self.cabos else 0

    def trozos_en(self, fila: Model) -> set[str]:
        """Pieces of a row as it is in memory."""
        return self.trozos_de([getattr(fila, columna) for columna in self.columnas])

    def apuntar(self, filas: Iterable[Model]) -> None:
        """Write the pieces of new rows, which have their keys, in the caller's transaction."""
        insertar(self, ((trozo, fila.pk) for fila in filas for trozo in self.trozos_en(fila)))

    def apuntar_en(self, remesa: Remesa, fila: Model) -> None:
        """As :meth:`apuntar`, of a row that is inserted right before."""
        suyos = self.trozos_en(fila)
        if suyos:
            remesa.ordenar(_Apunte(self, fila, sorted(suyos)))

    def corregir(self, fila: Model, antes: set[str]) -> None:
        """Write what changed of a row, which had the pieces ``antes``."""
        ahora = self.trozos_en(fila)
        borrar(self, ((trozo, fila.pk) for trozo in antes - ahora))
        insertar(self, ((trozo, fila.pk) for trozo in ahora - antes))


_BUSCABLES: dict[int, Buscable] = {}


def registrar(buscable: Buscable) -> Buscable:
    """Declare a table that people search."""
    if buscable.de in _BUSCABLES:
        raise ValueError(f"{buscable.de}: ya es de {_BUSCABLES[buscable.de].modelo.__name__}")
    _BUSCABLES[buscable.de] = buscable
    return buscable


def buscables() -> list[Buscable]:
    """Every declared table."""
    return [_BUSCABLES[de] for de in sorted(_BUSCABLES)]


def insertar(
    buscable: Buscable, pares: Iterable[tuple[str, int]], *, si_faltan: bool = False
) -> int:
    """Write pieces with the keys of their rows, in the order of the index; returns how many.

    With ``si_faltan`` those that are there already are left as they are.
    """
    orden = connection.ops.insert_statement(OnConflict.IGNORE if si_faltan else None)
    todos = sorted(pares)
    with connection.cursor() as cursor:
        for tanda in _de_tanda_en_tanda(todos):
            marcas = ",".join(f"({buscable.de},%s,{fila:d})" for _texto, fila in tanda)
            cursor.execute(f"{orden} {_COLUMNAS} VALUES {marcas}", [texto for texto, _f in tanda])
    return len(todos)


def borrar(buscable: Buscable, pares: Iterable[tuple[str, int]]) -> int:
    """Take pieces out of the index, each by its key; returns how many."""
    todos = sorted(pares)
    if not todos:
        return 0
    with connection.cursor() as cursor:
        cursor.executemany(
            f"DELETE FROM {_TABLA} WHERE de = %s AND texto = %s AND fila = %s",  # noqa: S608
            [(buscable.de, texto, fila) for texto, fila in todos],
        )
    return len(todos)


def _de_tanda_en_tanda(todos: Sequence[tuple[str, int]]) -> Iterator[Sequence[tuple[str, int]]]:
    for inicio in range(0, len(todos), _POR_SENTENCIA):
        yield todos[inicio : inicio + _POR_SENTENCIA]


class _Apunte:
    """The pieces of a row whose key may not exist yet."""

    filas: Sequence[Model] = ()

    def __init__(self, buscable: Buscable, fila: Model, suyos: list[str]) -> None:
        self._buscable, self._fila, self._suyos = buscable, fila, suyos

    def escribir(self) -> tuple[str, Sequence[Any]]:
        # The index has no key of its own: that of the row stays the last one given.
        clave = "LAST_INSERT_ID()" if self._fila.pk is None else str(int(self._fila.pk))
        marca = f"({self._buscable.de},%s,{clave})"
        marcas = ",".join([marca] * len(self._suyos))
        return f"INSERT INTO {_COLUMNAS} VALUES {marcas}", self._suyos  # noqa: S608

    def recoger(self, cursor: Any) -> None:
        pass
