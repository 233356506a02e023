"""Figures by stretches of time: those of each day, of each month and, of what is many, of each
quarter and year, so that any year is a few."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _

_UN_DIA = timedelta(days=1)


class Grano(models.TextChoices):
    """How long a stretch is."""

    DIA = "d", _("Día")
    MES = "m", _("Mes")
    TRIMESTRE = "t", _("Trimestre")
    ANO = "a", _("Año")


DIAS_Y_MESES = (Grano.DIA, Grano.MES)
TODOS = tuple(Grano)
_MESES = {Grano.MES: 1, Grano.TRIMESTRE: 3, Grano.ANO: 12}


class Tramo(NamedTuple):
    """Stretches of a kind, from the first day of one to the last of another, that are added up
    (``signo`` 1) or taken off (-1)."""

    signo: int
    grano: str
    desde: date
    hasta: date


def comienzo(grano: str, dia: date) -> date:
    """The first day of the stretch that a day is in."""
    if grano == Grano.DIA:
        return dia
    meses = _MESES[Grano(grano)]
    return date(dia.year, (dia.month - 1) // meses * meses + 1, 1)


def tramos_de(dia: date, granos: Sequence[Grano] = DIAS_Y_MESES) -> tuple[tuple[str, date], ...]:
    """The stretches that a day is in, each by its first day."""
    return tuple((grano.value, comienzo(grano, dia)) for grano in granos)


def cubrir(
    desde: date, hasta: date, granos: Sequence[Grano] = DIAS_Y_MESES, hoy: date = date.max
) -> list[Tramo]:
    """Stretches of some kinds, the shortest first, that together are the days from one to another,
    both included. What is most of a month is the month without the rest; it is as few of them as
    can be, of those that begin by ``hoy``: after it there is nothing to be read, as a rule."""
    juntos: list[Tramo] = []
    for tramo in sorted(_partes(desde, hasta, granos, hoy), key=lambda t: (t[1], -t[0], t[2])):
        antes = juntos[-1] if juntos else None
        if antes and antes[:2] == tramo[:2] and antes.hasta + _UN_DIA == tramo.desde:
            juntos[-1] = antes._replace(hasta=tramo.hasta)
        else:
            juntos.append(tramo)
    return juntos


def _partes(desde: date, hasta: date, granos: Sequence[Grano], hoy: date) -> list[Tramo]:
    if desde > hasta:
        return []
    *finos, grano = granos
    if grano == Grano.DIA:
        return [Tramo(1, grano.value, desde, hasta)]
    partes: list[Tramo] = []
    primero = comienzo(grano, desde)
    while primero <= hasta:
        siguiente = _siguiente(grano, primero)
        ultimo = siguiente - _UN_DIA
        entero = Tramo(1, grano.value, primero, ultimo)
        sobran = [
            *_partes(primero, desde - _UN_DIA, finos, hoy),
            *_partes(hasta + _UN_DIA, ultimo, finos, hoy),
        ]
        sin_lo_que_sobra = [entero, *(t._replace(signo=-t.signo) for t in sobran)]
        sueltas = _partes(max(desde, primero), min(hasta, ultimo), finos, hoy) if sobran else []
        if sobran and _cuantos(sueltas, hoy) <= _cuantos(sin_lo_que_sobra, hoy):
            partes += sueltas
        else:
            partes += sin_lo_que_sobra
        primero = siguiente
    return partes


def _cuantos(tramos: Iterable[Tramo], hoy: date) -> int:
    """How many stretches begin by a day: months, or days."""
    cuantos = 0
    for tramo in tramos:
        if tramo.grano != Grano.DIA:
            cuantos += tramo.desde <= hoy
        else:
            cuantos += max(0, (min(tramo.hasta, hoy) - tramo.desde).days + 1)
    return cuantos


def _siguiente(grano: Grano, primero: date) -> date:
    for _n in range(_MESES[grano]):
        primero = mes_siguiente(primero)
    return primero


def mes_siguiente(dia: date) -> date:
    """The first day of the month after that of a day."""
    return (dia.replace(day=1) + timedelta(days=32)).replace(day=1)
