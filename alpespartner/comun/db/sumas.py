"""Adding to rows that are sums: in place, so that nobody reads them first.

The columns of a row's key have a unique constraint; a row that is not there begins from nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model

_POR_SENTENCIA = 500


def en_columnas(clave: Iterable[Any]) -> list[int | str]:
    """The values of a row's key as both databases compare them: dates as text."""
    return [valor if isinstance(valor, int | str) else valor.isoformat() for valor in clave]


def en_filas(filas: Iterable[Sequence[Any]]) -> tuple[str, list[Any]]:
    """Rows of values as SQL, and its parameters. Whole numbers are written as they are: to escape
    one takes longer than the database does with it, and most of them are zeros."""
    textos: list[str] = []
    demas: list[Any] = []
    for fila in filas:
        textos.append(",".join([str(v) if type(v) is int else "%s" for v in fila]))
        demas += [v for v in fila if type(v) is not int]
    return f"({'),('.join(textos)})", demas


def sumar_en(
    modelo: type[Model],
    llave: Sequence[str],
    campos: Sequence[str],
    mas: Mapping[tuple[Any, ...], Sequence[Any]],
    ponen: Sequence[str] = (),
) -> None:
    """Add ``mas`` (by the values of ``llave``, what to add to each of ``campos`` and, after them,
    what each of ``ponen`` says from now on; all of them are columns), in the caller's transaction
    and in a fixed order: two who add to the same rows never wait for each other both."""
    nombre = connection.ops.quote_name
    columnas = [*llave, *campos, *ponen]
    unicas = ", ".join(map(nombre, llave))
    if connection.vendor == "mysql":
        cambio = "ON DUPLICATE KEY UPDATE " + ", ".join(
            [f"{nombre(c)} = {nombre(c)} + VALUES({nombre(c)})" for c in campos]
            + [f"{nombre(c)} = VALUES({nombre(c)})" for c in ponen]
        )
    else:
        cambio = f"ON CONFLICT ({unicas}) DO UPDATE SET " + ", ".join(
            [f"{nombre(c)} = {nombre(c)} + excluded.{nombre(c)}" for c in campos]
            + [f"{nombre(c)} = excluded.{nombre(c)}" for c in ponen]
        )
    filas = [
        en_columnas(clave) + list(mas[clave]) for clave in sorted(mas) if ponen or any(mas[clave])
    ]
    with connection.cursor() as cursor:
        for inicio in range(0, len(filas), _POR_SENTENCIA):
            valores, demas = en_filas(filas[inicio : inicio + _POR_SENTENCIA])
            cursor.execute(
                f"INSERT INTO {nombre(modelo._meta.db_table)}"  # noqa: S608
                f" ({', '.join(map(nombre, columnas))}) VALUES {valores} {cambio}",
                demas,
            )
