"""Many short readings of a table in one statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from django.db import connection

from alpespartner.comun.listas.condiciones import Condicion, Rama
from alpespartner.comun.listas.indices import Indice, Plan

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


def seleccion(
    numero: int,
    tabla: str,
    columnas: Sequence[str],
    plan: Plan,
    condiciones: Rama,
    cuantas: int,
    baja: bool,
) -> Lectura:
    """Up to ``cuantas`` rows of a set in the order of ``columnas``, and whether each is one of it
    (``vale``); ``condiciones`` are where it begins."""
    donde = (*plan.guian, *condiciones)
    texto = _texto(
        tabla, tuple(columnas), plan.indice,
        tuple(map(_signo, plan.miran)), tuple(map(_signo, donde)), baja, plan.entera,
    )  # fmt: skip
    miradas = valores_de(plan.miran)
    return Lectura(
        numero,
        f"{texto} LIMIT {cuantas}",
        [*miradas, *valores_de(donde)],
        () if condiciones else _claves_de_guia(plan, len(miradas)),
    )


# A condition but for its value.
_Signo: TypeAlias = tuple[str, str]


def _signo(condicion: Condicion) -> _Signo:
    return condicion.columna, condicion.operador


def valores_de(condiciones: Rama) -> list[Any]:
    """What the text of some conditions leaves out."""
    return [valor for condicion in condiciones for valor in condicion.valores]


def vale_sql(miran: Rama) -> str:
    """Whether a row has what no index led to."""
    return f"COALESCE({' AND '.join(c.sql() for c in miran)}, 0)" if miran else "1"


@cache
def _texto(
    tabla: str,
    columnas: tuple[str, ...],
    indice: Indice,
    miran: tuple[_Signo, ...],
    donde: tuple[_Signo, ...],
    baja: bool,
    entera: bool,
) -> str:
    """The SELECT of a set without its values: a search asks for hundreds that differ in them."""
    nombre = connection.ops.quote_name
    condiciones = [Condicion(*signo) for signo in donde]
    sentido = " DESC" if baja else ""
    # What the set fixes has one value, and is no part of its order.
    fijas = {c.columna for c in condiciones if c.igual}
    orden = ", ".join(f"{nombre(c)}{sentido}" for c in columnas if c not in fijas)
    sql = " AND ".join(c.sql() for c in condiciones)
    return (
        f"SELECT {', '.join(map(nombre, columnas))},"  # noqa: S608
        f" {vale_sql(tuple(Condicion(*signo) for signo in miran))} AS vale FROM {nombre(tabla)}"
        f"{indice.pista()}{f' WHERE {sql}' if sql else ''}"
        f"{f' ORDER BY {orden}' if orden and not entera else ''}"
    )


def _claves_de_guia(plan: Plan, antes: int) -> tuple[int, ...]:
    """Places of the whole numbers that lead to a set, with ``antes`` values before; none when
    something else than equality leads to it."""
    if not all(condicion.igual for condicion in plan.guian):
        return ()
    guian = valores_de(plan.guian)
    return tuple(antes + n for n, valor in enumerate(guian) if type(valor) is int)


def juntar(
    lecturas: Sequence[Lectura], columnas: str = "r.*", *, suman: bool = False
) -> Iterator[tuple[str, list[Any]]]:
    """SELECTs, with their values, of the number of each reading and ``columnas`` of its rows ``r``;
    with ``suman``, one row of each with what they add up to.

    MySQL takes longer to understand one more SELECT than to read its rows. Those that differ in
    keys alone are one: a table of keys, and for each the rows that it leads to.
    """
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
            f" JOIN LATERAL ({cuerpo}) r ON TRUE{' GROUP BY v.rama' if suman else ''}",
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
