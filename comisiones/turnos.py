"""Turns: what depends on the same rows is done one after another.

Sales of one affiliate are calculated at once, each behind a shared lock. Where the amount is read
from earlier commissions, two at once would read the same state and both be paid from it. Nothing
refers to a turn, so taking it never turns a shared lock into an exclusive one.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from comisiones.models import Turno
from comisiones.motor import AmbitoTope
from comisiones.periodos import por_periodo
from comisiones.red import Parte


def tomar_turnos(partes: Iterable[Parte]) -> None:
    """Wait until nobody else calculates what these commissions depend on.

    The turns end with the caller's transaction; they are all taken here, in a fixed order, before
    anything is read.
    """
    tomar(clave for parte in partes for clave in _claves(parte))


def tomar(nombres: Iterable[str]) -> None:
    """Take turns by name, in a fixed order, until the caller's transaction ends."""
    claves = sorted(set(nombres))
    # SQLite: a transaction that writes is alone.
    if claves and connection.vendor == "mysql":
        tabla = Turno._meta.db_table
        filas = ",".join(["(%s)"] * len(claves))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {tabla} (clave) VALUES {filas}"  # noqa: S608
                " ON DUPLICATE KEY UPDATE clave = VALUES(clave)",
                claves,
            )


def _claves(parte: Parte) -> Iterable[str]:
    if parte.aplicable is None:
        return
    terminos = parte.aplicable.terminos
    ambitos = {tope.ambito for tope in terminos.topes_gasto or ()}
    if por_periodo(terminos) or AmbitoTope.AFILIADO in ambitos:
        yield f"afiliado:{parte.afiliado.pk}"
    if AmbitoTope.CAMPANA in ambitos:
        yield f"campana:{parte.conversion.campana_id}"
