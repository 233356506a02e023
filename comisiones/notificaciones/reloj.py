"""When a digest is due: at ``RESUMEN_HORA`` of the programme's zone, each day or each Monday."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from afiliados.afiliado.models import FrecuenciaResumen

_UN_DIA = timedelta(days=1)


def zona() -> ZoneInfo:
    """The programme's time zone."""
    return ZoneInfo(settings.ZONA)


def hora_de(dia: date) -> datetime:
    """When the digests of a day are due; an hour that a change of clocks skips is the next one."""
    return datetime.combine(dia, time(settings.RESUMEN_HORA), zona()).astimezone(UTC)


def ultimo_dia(ahora: datetime, frecuencia: str) -> date:
    """The last day whose digests were due by now."""
    dia = ahora.astimezone(zona()).date()
    if hora_de(dia) > ahora:
        dia -= _UN_DIA
    if frecuencia == FrecuenciaResumen.SEMANAL:
        dia -= dia.weekday() * _UN_DIA
    return dia


def proxima_hora(ahora: datetime, frecuencia: str) -> datetime:
    """When the next digest is due, after now."""
    cada = 7 if frecuencia == FrecuenciaResumen.SEMANAL else 1
    return hora_de(ultimo_dia(ahora, frecuencia) + cada * _UN_DIA)
