"""Stretches of days: a report is made of them, each day once."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpespartner.comun.granos import DIAS_Y_MESES, TODOS, Grano, Tramo, comienzo, cubrir, tramos_de

DIAS = st.dates(date(1999, 1, 1), date(2101, 12, 31))
UN_DIA = timedelta(days=1)


@given(
    desde=DIAS, cuantos=st.integers(0, 800), granos=st.sampled_from([DIAS_Y_MESES, TODOS]),
    hoy=st.none() | st.integers(-400, 1_200),
)  # fmt: skip
def test_cada_dia_una_vez(
    desde: date, cuantos: int, granos: tuple[Grano, ...], hoy: int | None
) -> None:
    """And what is taken off is what was of other days."""
    hasta = desde + timedelta(days=cuantos)
    hasta_hoy = date.max if hoy is None else desde + timedelta(days=hoy)
    tramos = cubrir(desde, hasta, granos, hasta_hoy)
    veces: Counter[date] = Counter()
    for signo, grano, primero, ultimo in tramos:
        # Whole ones: what is kept of each is found by its first day.
        assert comienzo(grano, primero) == primero
        assert comienzo(grano, ultimo + UN_DIA) == ultimo + UN_DIA
        for n in range((ultimo - primero).days + 1):
            veces[primero + timedelta(days=n)] += signo
    assert {dia for dia, n in veces.items() if n} == {
        desde + timedelta(days=n) for n in range(cuantos + 1)
    }
    assert max(veces.values()) == 1
    assert min(veces.values()) >= 0
    # No more than the days of half a month at each end.
    sueltos = sum((b - a).days + 1 for _s, g, a, b in tramos if g == Grano.DIA and a <= hasta_hoy)
    assert sueltos <= 32 or hoy is not None


@pytest.mark.parametrize(
    ("granos", "hoy", "esperado"),
    [
        (DIAS_Y_MESES, date(2026, 11, 27), ["+d 2025-11-28", "-d 2026-11-28", "+m 2025-12-01"]),
        (DIAS_Y_MESES, date.max, ["+d 2025-11-28", "-d 2026-11-28", "+m 2025-12-01"]),
        # Of this year all there is.
        (
            TODOS, date(2026, 11, 27),
            ["+a 2026-01-01", "+d 2025-11-28", "-d 2026-11-28", "+m 2025-12-01", "-m 2026-12-01"],
        ),
    ],
)  # fmt: skip
def test_un_ano_hasta_hoy(granos: tuple[Grano, ...], hoy: date, esperado: list[str]) -> None:
    tramos = cubrir(date(2025, 11, 28), date(2026, 11, 27), granos, hoy)
    assert [f"{'+' if s > 0 else '-'}{g} {a}" for s, g, a, _b in tramos] == esperado


def test_los_meses_seguidos_son_uno() -> None:
    assert cubrir(date(2026, 1, 1), date(2026, 3, 1)) == [
        Tramo(1, "d", date(2026, 3, 1), date(2026, 3, 1)),
        Tramo(1, "m", date(2026, 1, 1), date(2026, 2, 28)),
    ]
    assert cubrir(date(2026, 1, 1), date(2026, 3, 1), TODOS) == [
        Tramo(1, "d", date(2026, 3, 1), date(2026, 3, 1)),
        Tramo(1, "m", date(2026, 1, 1), date(2026, 2, 28)),
    ]


@given(desde=DIAS)
def test_un_ano_cualquiera_son_unos_tramos(desde: date) -> None:
    tramos = cubrir(desde, desde + timedelta(days=364), TODOS)
    cuantos = Counter(g for _s, g, a, b in tramos for _n in _cada(g, a, b))
    assert cuantos["m"] + cuantos["t"] + cuantos["a"] <= 8
    assert cuantos["d"] <= 32


def _cada(grano: str, desde: date, hasta: date) -> list[date]:
    dias = [desde + timedelta(days=n) for n in range((hasta - desde).days + 1)]
    return [dia for dia in dias if comienzo(grano, dia) == dia]


def test_los_tramos_de_un_dia() -> None:
    assert tramos_de(date(2026, 5, 31), TODOS) == (
        ("d", date(2026, 5, 31)), ("m", date(2026, 5, 1)), ("t", date(2026, 4, 1)),
        ("a", date(2026, 1, 1)),
    )  # fmt: skip
