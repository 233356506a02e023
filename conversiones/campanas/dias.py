"""Days of a campaign, from a midnight of its zone to the next: one of 25 hours is a day too."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def es_zona(nombre: str) -> bool:
    """Whether it is a time zone of IANA's."""
    try:
        ZoneInfo(nombre)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return False
    return True


@lru_cache(maxsize=1024)
def _zona(nombre: str) -> ZoneInfo:
    # A row that no service wrote may name none.
    return ZoneInfo(nombre if es_zona(nombre) else "UTC")


def dia_en(zona: str, cuando: datetime) -> date:
    """The day of an instant in a zone."""
    try:
        return cuando.astimezone(_zona(zona)).date()
    except OverflowError:
        # At the ends of the calendar there is no other day to go to.
        return cuando.astimezone(UTC).date()


def empieza_en(zona: str, dia: date) -> datetime:
    """The instant at which a day begins in a zone."""
    return datetime.combine(dia, time(), _zona(zona))
