"""Periods in the rule's time zone, across clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comisiones.motor.errores import HechosInvalidos, TerminosInvalidos
from comisiones.motor.periodos import clave_periodo, limites_periodo
from comisiones.motor.tipos import Periodo


def utc(texto: str) -> datetime:
    return datetime.fromisoformat(texto).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("periodo", "zona", "instante", "clave"),
    [
        (Periodo.DIA, "UTC", "2026-01-31T23:59:59", "2026-01-31"),
        (Periodo.DIA, "America/Bogota", "2026-02-01T04:59:59", "2026-01-31"),
        (Periodo.DIA, "America/Bogota", "2026-02-01T05:00:00", "2026-02-01"),
        (Periodo.MES, "America/Bogota", "2026-02-01T04:59:59", "2026-01"),
        (Periodo.MES, "Asia/Tokyo", "2026-01-31T15:00:00", "2026-02"),
        (Periodo.SEMANA, "UTC", "2027-01-03T12:00:00", "2026-W53"),
        (Periodo.SEMANA, "UTC", "2027-01-04T00:00:00", "2027-W01"),
        (Periodo.SEMANA, "UTC", "2026-01-01T00:00:00", "2026-W01"),
        (Periodo.TOTAL, "UTC", "2026-01-01T00:00:00", "total"),
        (Periodo.ORDEN, "UTC", "2026-01-01T00:00:00", ""),
        # Madrid: on 2026-03-29 it is 02:00 -> 03:00; on 2026-10-25 03:00 -> 02:00.
        (Periodo.DIA, "Europe/Madrid", "2026-03-28T23:00:00", "2026-03-29"),
        (Periodo.DIA, "Europe/Madrid", "2026-03-29T21:59:59", "2026-03-29"),
        (Periodo.DIA, "Europe/Madrid", "2026-03-29T22:00:00", "2026-03-30"),
        (Periodo.DIA, "Europe/Madrid", "2026-10-25T22:59:59", "2026-10-25"),
        (Periodo.DIA, "Europe/Madrid", "2026-10-25T23:00:00", "2026-10-26"),
    ],
)
def test_keys(periodo: Periodo, zona: str, instante: str, clave: str) -> None:
    assert clave_periodo(periodo, zona, utc(instante)) == clave


@pytest.mark.parametrize(
    ("periodo", "zona", "instante", "inicio", "horas"),
    [
        (Periodo.DIA, "Europe/Madrid", "2026-03-29T12:00:00", "2026-03-28T23:00:00", 23),
        (Periodo.DIA, "Europe/Madrid", "2026-10-25T12:00:00", "2026-10-24T22:00:00", 25),
        (Periodo.SEMANA, "Europe/Madrid", "2026-03-29T12:00:00", "2026-03-22T23:00:00", 167),
        (Periodo.MES, "Europe/Madrid", "2026-03-29T12:00:00", "2026-02-28T23:00:00", 31 * 24 - 1),
        (Periodo.MES, "UTC", "2028-02-29T12:00:00", "2028-02-01T00:00:00", 29 * 24),
        (Periodo.MES, "UTC", "2026-12-31T23:59:59", "2026-12-01T00:00:00", 31 * 24),
        # Sao Paulo 2018-11-04: midnight does not exist, 00:00 -> 01:00.
        (Periodo.DIA, "America/Sao_Paulo", "2018-11-04T12:00:00", "2018-11-04T03:00:00", 23),
        # Havana 2025-11-02: 01:00 -> 00:00, midnight comes twice.
        (Periodo.DIA, "America/Havana", "2025-11-02T12:00:00", "2025-11-02T04:00:00", 25),
    ],
)
def test_limits(periodo: Periodo, zona: str, instante: str, inicio: str, horas: int) -> None:
    limites = limites_periodo(periodo, zona, utc(instante))
    assert limites == (utc(inicio), utc(inicio) + timedelta(hours=horas))


@pytest.mark.parametrize("periodo", [Periodo.TOTAL, Periodo.ORDEN])
def test_unbounded(periodo: Periodo) -> None:
    assert limites_periodo(periodo, "UTC", utc("2026-01-01")) is None


@settings(max_examples=300, deadline=None)
@given(
    st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1)),  # noqa: DTZ001
    st.sampled_from([Periodo.DIA, Periodo.SEMANA, Periodo.MES]),
    st.sampled_from(
        [
            "UTC",
            "Europe/Madrid",
            "America/Sao_Paulo",
            "America/Havana",
            "Asia/Kathmandu",
            "Australia/Lord_Howe",
            "Asia/Beirut",
            "Pacific/Apia",
        ]
    ),
)
def test_an_instant_is_within_the_limits_of_its_key(
    ingenuo: datetime, periodo: Periodo, zona: str
) -> None:
    instante = ingenuo.replace(tzinfo=UTC)
    limites = limites_periodo(periodo, zona, instante)
    assert limites is not None
    inicio, fin = limites
    assert inicio <= instante < fin
    clave = clave_periodo(periodo, zona, instante)
    assert clave_periodo(periodo, zona, inicio) == clave
    assert clave_periodo(periodo, zona, fin - timedelta(microseconds=1)) == clave
    assert clave_periodo(periodo, zona, inicio - timedelta(microseconds=1)) < clave
    assert clave_periodo(periodo, zona, fin) > clave


def test_refusals() -> None:
    with pytest.raises(HechosInvalidos):
        clave_periodo(Periodo.DIA, "UTC", datetime(2026, 1, 1))  # noqa: DTZ001
    for nombre in ("Marte/Olimpo", "", "../etc/passwd", "/etc/passwd", "a\x00b"):
        with pytest.raises(TerminosInvalidos):
            clave_periodo(Periodo.DIA, nombre, utc("2026-01-01"))
    with pytest.raises(HechosInvalidos):
        clave_periodo(Periodo.DIA, "America/Bogota", datetime.min.replace(tzinfo=UTC))
