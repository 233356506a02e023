"""Many short readings of a table in one statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

# Fewer of a kind are written one after another.
_POCAS = 4


@dataclass(frozen=True, slots=True)
class Lectura:
    """A SELECT of a few rows with its values, and its number among others.

    ``claves`` are the places, among the values, of whole numbers that an index is entered by;
    empty when the reading begins somewhere in the middle of it.
    """

    numero: int
    sql: str
    valores: list[Any]
    claves: tuple[int, ...] = ()


def juntar(lecturas: Sequence[Lectura], columnas: str = "r.*") -> Iterator[tuple[str, list[Any]]]:
    """SELECTs, with their values, of the number of each reading and ``columnas`` of its rows ``r``.

    MySQL takes longer to understand one more SELECT than to read its rows. Those that differ in
    keys alone are one: a table of keys, and for each the rows that it leads to.
    """
    agrupa = "SUM(" in columnas
    for clase in _por_clase(lecturas):
        if len(clase) < _POCAS:
            for lectura in clase:
                yield (
                    f"SELECT {lectura.numero} AS rama, {columnas} FROM ({lectura.sql}) r",  # noqa: S608
                    lectura.valores,
                )
            continue
        claves = clase[0].claves
        trozos = clase[0].sql.split("%s")
        marcas = [f"v.c{n}" if n in claves else "%s" for n in range(len(trozos) - 1)]
        cuerpo = "".join(t + m for t, m in zip(trozos, [*marcas, ""], strict=True))
        fila = f"ROW({', '.join(['%s'] * (len(claves) + 1))})"
        nombres = ", ".join(["rama", *(f"c{n}" for n in claves)])
        yield (
            f"SELECT v.rama AS rama, {columnas}"  # noqa: S608
            f" FROM (VALUES {', '.join([fila] * len(clase))}) AS v ({nombres})"
            f" JOIN LATERAL ({cuerpo}) r ON TRUE{' GROUP BY v.rama' if agrupa else ''}",
            [
                *(v for una in clase for v in (una.numero, *(una.valores[n] for n in claves))),
                *(v for n, v in enumerate(clase[0].valores) if n not in claves),
            ],
        )


def _por_clase(lecturas: Sequence[Lectura]) -> list[list[Lectura]]:
    """Readings that differ in their keys alone, together; each by itself where a table of keys
    cannot lead to rows."""
    if connection.vendor != "mysql":
        return [[lectura] for lectura in lecturas]
    clases: dict[Any, list[Lectura]] = {}
    for lectura in lecturas:
        fijos = tuple(v for n, v in enumerate(lectura.valores) if n not in lectura.claves)
        # By itself, too, what has no key.
        de_su_clase = (lectura.sql, lectura.claves, fijos) if lectura.claves else lectura.numero
        clases.setdefault(de_su_clase, []).append(lectura)
    return list(clases.values())
