"""A page of a list: where it is, its rows, and the ways to the others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Generic, TypeVar

from django.db import connection, models
from django.db.models import Model, QuerySet

from alpespartner.comun.listas import cursor as cursores
from alpespartner.comun.listas.claves import Posicion, Tramo, columnas_de, leer
from alpespartner.comun.listas.errores import CursorAjeno

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Pagina(Generic[M]):
    """Rows, and the cursors of the pages beside. ``cortada``: the search stopped before the page
    was full, and goes on in the next one. ``ultima`` is the place of the last row."""

    filas: list[M]
    siguiente: str | None
    anterior: str | None
    cortada: bool = False
    ultima: Posicion | None = None


ULTIMA = "ultima"


def orden_de(consulta: QuerySet[Any]) -> tuple[str, ...]:
    """The order of a query, as names; newest first when it has none."""
    return tuple(dict.fromkeys(map(str, consulta.query.order_by))) or ("-pk",)


def pagina(
    consulta: QuerySet[M], limite: int, *, cursor: str | None = None, salto: int = 0
) -> Pagina[M]:
    """A page of a query in its order; ``cursor`` is one that an earlier page gave, or
    :data:`ULTIMA`.

    ``salto`` leaves out the first ones, which are read for it: few. Raises :class:`CursorAjeno`
    and what :func:`~alpespartner.comun.listas.condiciones.ramas` raises.
    """
    orden = orden_de(consulta)
    desde, hacia_atras = _abrir(cursor, consulta, orden)
    if hacia_atras:
        tramo = leer(consulta, orden, limite + 1, desde=desde, al_reves=True)
        hay_antes = len(tramo.claves) > limite
        if desde is not None and not hay_antes and tramo.hasta is None:
            # Nothing before it any more: the first page, whole.
            return pagina(consulta, limite)
        posiciones = tramo.posiciones[:limite][::-1]
        cortada = len(tramo.claves) <= limite and tramo.hasta is not None
        principio = posiciones[0] if posiciones else tramo.hasta
        if cortada:
            principio = tramo.hasta
        return Pagina(
            filas_de(consulta, [p[-1] for p in posiciones]),
            _cerrar(posiciones[-1] if posiciones else desde, False, consulta, orden)
            if desde is not None
            else None,
            _cerrar(principio, True, consulta, orden) if hay_antes or cortada else None,
            cortada,
        )
    tramo = leer(consulta, orden, salto + limite + 1, desde=desde)
    posiciones = tramo.posiciones[salto : salto + limite]
    sigue, cortada = _sigue(tramo, posiciones, salto + limite)
    antes = desde is not None or salto > 0
    primera = posiciones[0] if posiciones else desde
    return Pagina(
        filas_de(consulta, [p[-1] for p in posiciones]),
        _cerrar(sigue, False, consulta, orden),
        _cerrar(primera, True, consulta, orden) if antes else None,
        cortada,
        posiciones[-1] if posiciones else desde,
    )


def cursor_tras(consulta: QuerySet[Any], una: Pagina[Any]) -> str | None:
    """The cursor of what comes after a page, also of what is not there yet; None before the first
    row of all."""
    return una.siguiente or _cerrar(una.ultima, False, consulta, orden_de(consulta))


def _sigue(tramo: Tramo, posiciones: Sequence[Posicion], tope: int) -> tuple[Posicion | None, bool]:
    if len(tramo.claves) > tope:
        return posiciones[-1], False
    return tramo.hasta, tramo.hasta is not None


def filas_de(consulta: QuerySet[M], claves: Sequence[Any]) -> list[M]:
    """The rows of some keys with what goes with them, in that order. One that changed meanwhile
    comes as it is now."""
    if not claves:
        return []
    sola = consulta._chain()  # type: ignore[attr-defined]
    sola.query.where = type(sola.query.where)()
    sola.query.clear_ordering(force=True)
    with _en_su_orden():
        por_clave = {fila.pk: fila for fila in sola.filter(pk__in=claves)}
    return [por_clave[clave] for clave in claves if clave in por_clave]


@contextmanager
def _en_su_orden() -> Iterator[None]:
    """MySQL begins with the rows of the keys, and then looks up what goes with each: left to choose
    it begins with a small table, such as that of campaigns, and reads all the rows of those."""

    def atar(execute: Any, sql: str, *resto: Any) -> Any:
        return execute(re.sub("^SELECT ", "SELECT STRAIGHT_JOIN ", sql), *resto)

    if connection.vendor != "mysql":
        yield
        return
    with connection.execute_wrapper(atar):
        yield


def _nombre(consulta: QuerySet[Any], orden: Sequence[str]) -> str:
    return f"{consulta.model._meta.label} {' '.join(orden)}"


def _cerrar(
    posicion: Posicion | None, atras: bool, consulta: QuerySet[Any], orden: Sequence[str]
) -> str | None:
    if posicion is None:
        return None
    dichos = [v if isinstance(v, int | float) else str(v) for v in posicion]
    return cursores.cerrar([int(atras), *dichos], de=_nombre(consulta, orden))


def _abrir(
    cursor: str | None, consulta: QuerySet[Any], orden: Sequence[str]
) -> tuple[Posicion | None, bool]:
    if not cursor:
        return None, False
    if cursor == ULTIMA:
        return None, True
    try:
        atras, *dichos = cursores.abrir(cursor, de=_nombre(consulta, orden))
        columnas, _baja = columnas_de(consulta, orden)
        campos = {campo.column: campo for campo in consulta.model._meta.concrete_fields}
        pares = zip(columnas, dichos, strict=True)
        return tuple(_leido(campos[columna], valor) for columna, valor in pares), bool(atras)
    except (ValueError, TypeError, InvalidOperation) as exc:
        raise CursorAjeno(str(exc)) from None


def _leido(campo: Any, valor: Any) -> Any:
    """A value as the database gives it."""
    de = campo.target_field if campo.remote_field else campo
    if isinstance(de, models.DateTimeField):
        return datetime.fromisoformat(valor).replace(tzinfo=UTC).replace(tzinfo=None)
    if isinstance(de, models.DecimalField):
        return Decimal(str(valor))
    return valor
