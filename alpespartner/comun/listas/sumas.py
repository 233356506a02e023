"""Sums that one index answers by itself, as far as a number of rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from alpespartner.comun.db.sqlite.lectura import decimal
from alpespartner.comun.dinero import CERO, MAXIMO
from alpespartner.comun.listas.condiciones import Rama, ramas
from alpespartner.comun.listas.errores import NoListable
from alpespartner.comun.listas.indices import Indice, indices
from alpespartner.comun.listas.lecturas import valores_de


def sumar(
    consulta: QuerySet[Any], campo: str, *, por: str, tope: int
) -> Iterator[tuple[str, Decimal, bool]]:
    """For each value of ``por`` (a text), the sum of a decimal field over its first ``tope`` rows,
    and whether those are all. Raises :class:`NoListable` when no index has all of it."""
    for rama in ramas(consulta):
        indice = _que_cubre(consulta, rama, campo, por)
        valor = ""
        while siguiente := _leer(consulta, indice, rama, por, por, ">", valor, 1):
            valor = siguiente[0]
            suyos = _leer(consulta, indice, rama, campo, por, "=", valor, tope + 1)
            for _valor, suma in por_moneda((valor, decimal(suyo)) for suyo in suyos[:tope]):
                yield valor, suma, len(suyos) <= tope


def por_moneda(importes: Iterable[tuple[str, Decimal | None]]) -> list[tuple[str, Decimal]]:
    """What amounts add up to in each currency, exactly: SQLite adds decimals as binary fractions.

    What no service writes, which ``verificar`` names, adds nothing.
    """
    total: dict[str, Decimal] = defaultdict(lambda: CERO)
    for moneda, importe in importes:
        vale = importe is not None and importe.is_finite() and abs(importe) <= MAXIMO
        total[moneda] += importe if importe is not None and vale else CERO
    return sorted(total.items())


def _que_cubre(consulta: QuerySet[Any], rama: Rama, campo: str, por: str) -> Indice:
    iguales = {condicion.columna for condicion in rama if condicion.igual}
    for indice in indices(consulta.model):
        n = len(iguales)
        if (
            len(iguales) == len(rama)
            and set(indice.columnas[:n]) == iguales
            and indice.columnas[n : n + 1] == (por,)
            and campo in indice.columnas
        ):
            return indice
    raise NoListable(f"{consulta.model.__name__}: no index has {campo} by {por}")


def _leer(
    consulta: QuerySet[Any], indice: Indice, rama: Rama, que: str, por: str, como: str,
    valor: str, tope: int,
) -> list[Any]:  # fmt: skip
    nombre = connection.ops.quote_name
    donde = " AND ".join([*(condicion.sql() for condicion in rama), f"{nombre(por)} {como} %s"])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {nombre(que)} FROM {nombre(consulta.model._meta.db_table)}{indice.pista()}"  # noqa: S608
            f" WHERE {donde} ORDER BY {nombre(por)} LIMIT {tope}",
            [*valores_de(rama), valor],
        )
        return [fila[0] for fila in cursor.fetchall()]
