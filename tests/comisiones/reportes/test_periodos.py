"""Which days a report is of and when it is due: in its zone, across changes of clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from comisiones.reportes.periodos import anterior_a, toca_tras, ultimo

M = "Europe/Madrid"


def en(texto: str) -> datetime:
    return datetime.fromisoformat(texto).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("periodo", "dia", "desde", "hasta"),
    [
        ("dia", "2026-03-01", "2026-02-28", "2026-02-28"),
        # A Monday, and the Sunday before it.
        ("semana", "2026-03-02", "2026-02-23", "2026-03-01"),
        ("semana", "2026-03-01", "2026-02-16", "2026-02-22"),
        ("mes", "2026-03-01", "2026-02-01", "2026-02-28"),
        ("mes", "2026-03-31", "2026-02-01", "2026-02-28"),
        ("mes", "2026-01-05", "2025-12-01", "2025-12-31"),
    ],
)
def test_el_ultimo_que_acabo(periodo: str, dia: str, desde: str, hasta: str) -> None:
    assert anterior_a(periodo, date.fromisoformat(dia)) == (
        date.fromisoformat(desde),
        date.fromisoformat(hasta),
    )


def test_acaba_en_su_zona() -> None:
    """At 23:30 of UTC it is tomorrow in Madrid, and today in Bogotá."""
    ahora = en("2026-03-31 23:30")
    assert ultimo("mes", M, ahora) == (date(2026, 3, 1), date(2026, 3, 31))
    assert ultimo("mes", "America/Bogota", ahora) == (date(2026, 2, 1), date(2026, 2, 28))


@pytest.mark.parametrize(
    ("periodo", "hora", "tras", "toca"),
    [
        ("dia", 8, "2026-03-10 06:59", "2026-03-10 07:00"),
        ("dia", 8, "2026-03-10 07:00", "2026-03-11 07:00"),
        # The clocks change on the 29th: eight o'clock comes an hour sooner.
        ("dia", 8, "2026-03-28 07:00", "2026-03-29 06:00"),
        # Half past two does not exist that night, nor does two: it is three.
        ("dia", 2, "2026-03-28 12:00", "2026-03-29 01:00"),
        # In October there are two of it: the first one.
        ("dia", 2, "2026-10-24 12:00", "2026-10-25 00:00"),
        ("semana", 0, "2026-03-02 00:00", "2026-03-08 23:00"),
        ("mes", 8, "2026-03-01 07:00", "2026-04-01 06:00"),
        ("mes", 8, "2026-12-15 00:00", "2027-01-01 07:00"),
    ],
)
def test_cuando_toca(periodo: str, hora: int, tras: str, toca: str) -> None:
    assert toca_tras(periodo, M, hora, en(tras)) == en(toca)


def test_cada_periodo_una_vez() -> None:
    """From one time that it is due to the next, the days follow each other without a gap."""
    for periodo in ("dia", "semana", "mes"):
        toca, hasta = toca_tras(periodo, "Africa/Cairo", 0, en("2025-12-20 00:00")), None
        for _vez in range(40):
            desde, ultimo_dia = ultimo(periodo, "Africa/Cairo", toca)
            assert hasta is None or (desde - hasta).days == 1
            hasta, toca = ultimo_dia, toca_tras(periodo, "Africa/Cairo", 0, toca)
