"""Which days a report is of, and when it is due: a day, a week from Monday or a month, once it is
over in the report's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext_lazy as _

from conversiones.campanas.dias import dia_en, empieza_en, es_zona

_UN_DIA = timedelta(days=1)


class Periodo(models.TextChoices):
    """How many days a report is of."""

    DIA = "dia", _("Un día")
    SEMANA = "semana", _("Una semana, desde el lunes")
    MES = "mes", _("Un mes")


def empieza(periodo: str, dia: date) -> date:
    """The first day of the period that a day is in."""
    if periodo == Periodo.MES:
        return dia.replace(day=1)
    return dia - _UN_DIA * dia.weekday() if periodo == Periodo.SEMANA else dia


def anterior_a(periodo: str, dia: date) -> tuple[date, date]:
    """The last period that was over when a day began: its days, both included."""
    hasta = empieza(periodo, dia) - _UN_DIA
    return empieza(periodo, hasta), hasta


def ultimo(periodo: str, zona: str, ahora: datetime) -> tuple[date, date]:
    """The last period that is over by now in a zone."""
    return anterior_a(periodo, dia_en(zona, ahora))


def toca_tras(periodo: str, zona: str, hora: int, tras: datetime) -> datetime:
    """When the next report is due after an instant: the day after its last one, at an hour of its
    zone; an hour that a change of clocks skips is the next one."""
    dia = empieza(periodo, dia_en(zona, tras))
    while (toca := _a_las(zona, dia, hora)) <= tras:
        dia = _siguiente(periodo, dia)
    return toca


def _siguiente(periodo: str, dia: date) -> date:
    if periodo == Periodo.MES:
        return (dia + 31 * _UN_DIA).replace(day=1)
    return dia + (7 if periodo == Periodo.SEMANA else 1) * _UN_DIA


def _a_las(zona: str, dia: date, hora: int) -> datetime:
    # A row that no service wrote may name none.
    suya = ZoneInfo(zona if es_zona(zona) else "UTC")
    return datetime.combine(dia, time(hora % 24), suya).astimezone(UTC)


def termina(zona: str, hasta: date) -> datetime:
    """The instant at which the last day of a period is over."""
    return empieza_en(zona, hasta + _UN_DIA)
