"""Periods of a rule in its time zone: day, ISO week (Monday first), month, whole life."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from comisiones.motor.errores import HechosInvalidos, TerminosInvalidos
from comisiones.motor.tipos import Periodo


@lru_cache(maxsize=128)
def zona(nombre: str) -> ZoneInfo:
    """Time zone of the IANA database. Raises :class:`TerminosInvalidos` for an unknown name."""
    try:
        return ZoneInfo(nombre)
    except (KeyError, ValueError, OSError) as error:
        raise TerminosInvalidos(
            f"«{nombre[:60]}» no es una zona horaria.", campo="zona_horaria"
        ) from error


def _dia_local(nombre_zona: str, instante: datetime) -> date:
    if instante.utcoffset() is None:
        raise HechosInvalidos("La fecha de la conversión debe llevar zona horaria.")
    try:
        return instante.astimezone(zona(nombre_zona)).date()
    except OverflowError as error:
        raise HechosInvalidos("La fecha de la conversión está fuera del calendario.") from error


def clave_periodo(periodo: Periodo, nombre_zona: str, instante: datetime) -> str:
    """Key of the period that holds an aware instant, by its local date.

    "2026-03-29", "2026-W13" (ISO year and week), "2026-03", "total"; "" for ``orden``, where every
    order is its own period. Keys of one kind sort as time does. Raises :class:`HechosInvalidos`
    for a naive instant and :class:`TerminosInvalidos` for an unknown zone.
    """
    dia = _dia_local(nombre_zona, instante)
    if periodo is Periodo.DIA:
        return dia.isoformat()
    if periodo is Periodo.SEMANA:
        anio, semana, _ = dia.isocalendar()
        return f"{anio:04d}-W{semana:02d}"
    if periodo is Periodo.MES:
        return f"{dia.year:04d}-{dia.month:02d}"
    return "total" if periodo is Periodo.TOTAL else ""


def limites_periodo(
    periodo: Periodo, nombre_zona: str, instante: datetime
) -> tuple[datetime, datetime] | None:
    """UTC bounds ``[start, end)`` of the period that holds an instant; ``None`` if it has none.

    A day lasts 23 or 25 hours when the clocks change. A midnight that does not exist starts at the
    change; one that happens twice, at its first. Raises as :func:`clave_periodo`.
    """
    dia = _dia_local(nombre_zona, instante)
    if periodo is Periodo.DIA:
        inicio, fin = dia, dia + timedelta(days=1)
    elif periodo is Periodo.SEMANA:
        inicio = dia - timedelta(days=dia.weekday())
        fin = inicio + timedelta(days=7)
    elif periodo is Periodo.MES:
        inicio = dia.replace(day=1)
        fin = (inicio + timedelta(days=32)).replace(day=1)
    else:
        return None
    return _medianoche(inicio, nombre_zona), _medianoche(fin, nombre_zona)


def _medianoche(dia: date, nombre_zona: str) -> datetime:
    # fold=0: the offset before the change, which is the first midnight of two and, when there is
    # none, the very instant of the change.
    return datetime(dia.year, dia.month, dia.day, tzinfo=zona(nombre_zona)).astimezone(UTC)
