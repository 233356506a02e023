"""Figures by stretches of time: those of each day, and of each month, so that a year is a dozen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

_UN_DIA = timedelta(days=1)


class Grano(models.TextChoices):
    """How long a stretch is."""

    DIA = "d", _("Día")
    MES = "m", _("Mes")


def tramos_de(dia: date) -> tuple[tuple[str, date], ...]:
    """The stretches that a day is in, each by its first day."""
    return (Grano.DIA.value, dia), (Grano.MES.value, dia.replace(day=1))


def cubrir(desde: date, hasta: date) -> Iterator[tuple[str, date, date]]:
    """Stretches that together are the days from one to another, both included: whole months, and
    the days of those that are not; each kind with its first and its last ``desde``."""
    primero = desde if desde.day == 1 else mes_siguiente(desde)
    ultimo = (hasta + _UN_DIA).replace(day=1)
    if primero >= ultimo:
        yield Grano.DIA.value, desde, hasta
        return
    if desde < primero:
        yield Grano.DIA.value, desde, primero - _UN_DIA
    yield Grano.MES.value, primero, ultimo - _UN_DIA
    if ultimo <= hasta:
        yield Grano.DIA.value, ultimo, hasta


def mes_siguiente(dia: date) -> date:
    """The first day of the month after that of a day."""
    return (dia.replace(day=1) + timedelta(days=32)).replace(day=1)
