"""Whether the index says what the rows say, and making it say so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import connection, transaction

from alpespartner.comun.busqueda.indice import Buscable, borrar, buscables, insertar
from alpespartner.comun.models import Trozo

PORCION = 1_000
_POR_SENTENCIA = 2_000
_JUNTOS = 200
Par = tuple[str, int]


class _Porcion(NamedTuple):
    """What the index must have of some rows, how many they are, and the key of the last one."""

    pares: list[Par]
    leidas: int
    ultima: int | None


def reconstruir(buscable: Buscable) -> Iterator[int]:
    """Write what the index lacks of a table, and take out what no row says, while everybody goes
    on; yields how many rows were read, portion by portion, each in a transaction of its own."""
    yield from llenar(buscable)
    for pares in _tandas(buscable):
        if _sobran(buscable, pares):
            with transaction.atomic():
                # Locked and read again: its row may say it by now.
                borrar(buscable, _sobran(buscable, pares, bloquear=True))


def llenar(buscable: Buscable) -> Iterator[int]:
    """Write what the index lacks of a table; yields as :func:`reconstruir`."""
    desde: int | None = None
    while True:
        with transaction.atomic():
            porcion = _porcion(buscable, desde, bloquear=True)
            insertar(buscable, porcion.pares, si_faltan=True)
        if porcion.ultima is None:
            return
        yield porcion.leidas
        desde = porcion.ultima


def como_las_filas() -> Iterator[str]:
    """An invariant: the index has each piece that a row says, and no other."""
    for buscable in buscables():
        nombre = buscable.modelo._meta.label
        buenos = 0
        for pares in _tandas(buscable):
            malos = _sobran(buscable, pares)
            buenos += len(pares) - len(malos)
            for texto, fila in malos:
                yield f"{nombre} {fila}: se encuentra por «{texto}», y no lo dice"
        # They are as many when none is missing: then there is nothing to look for.
        if buenos != sum(len(porcion.pares) for porcion in _porciones(buscable)):
            for porcion in _porciones(buscable):
                for texto, fila in _faltan(buscable, porcion.pares):
                    yield f"{nombre} {fila}: no se encuentra por «{texto}»"


def _porciones(buscable: Buscable) -> Iterator[_Porcion]:
    porcion = _porcion(buscable, None)
    while porcion.ultima is not None:
        yield porcion
        porcion = _porcion(buscable, porcion.ultima)


def _porcion(buscable: Buscable, desde: int | None, *, bloquear: bool = False) -> _Porcion:
    """Of the rows that follow one. Locked, what changes one meanwhile waits, and then corrects what
    is written of it."""
    filas: Any = buscable.modelo._default_manager.order_by("pk")
    if desde is not None:
        filas = filas.filter(pk__gt=desde)
    if bloquear:
        filas = filas.select_for_update()
    leidas = list(filas.values_list("pk", *buscable.columnas)[:PORCION])
    pares = [(t, pk) for pk, *valores in leidas for t in sorted(buscable.trozos_de(valores))]
    return _Porcion(pares, len(leidas), leidas[-1][0] if leidas else None)


def _sobran(buscable: Buscable, pares: list[Par], *, bloquear: bool = False) -> list[Par]:
    """Of some pieces of the index, those that their rows do not say."""
    filas: Any = buscable.modelo._default_manager.filter(pk__in={fila for _texto, fila in pares})
    if bloquear:
        filas = filas.select_for_update()
    dichos = {
        pk: buscable.trozos_de(valores)
        for pk, *valores in filas.values_list("pk", *buscable.columnas)
    }
    return [(texto, fila) for texto, fila in pares if texto not in dichos.get(fila, ())]


def _tandas(buscable: Buscable) -> Iterator[list[Par]]:
    """The pieces of a table that are in the index, in its order."""
    desde: Par = ("", 0)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT texto, fila FROM {Trozo._meta.db_table} WHERE de = %s AND"  # noqa: S608
                " texto >= %s AND (texto > %s OR fila > %s)"
                f" ORDER BY texto, fila LIMIT {_POR_SENTENCIA}",
                [buscable.de, desde[0], *desde],
            )
            pares: list[Par] = [(texto, fila) for texto, fila in cursor.fetchall()]
        if pares:
            yield pares
        if len(pares) < _POR_SENTENCIA:
            return
        desde = pares[-1]


def _faltan(buscable: Buscable, pares: list[Par]) -> Iterator[Par]:
    for inicio in range(0, len(pares), _JUNTOS):
        tanda = pares[inicio : inicio + _JUNTOS]
        cuales = " OR ".join(["(texto = %s AND fila = %s)"] * len(tanda))
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT texto, fila FROM {Trozo._meta.db_table} WHERE de = %s AND ({cuales})",  # noqa: S608
                [buscable.de, *(valor for par in tanda for valor in par)],
            )
            estan = set(cursor.fetchall())
        yield from (par for par in tanda if par not in estan)
