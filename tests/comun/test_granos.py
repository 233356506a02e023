"""Stretches of days: a report is made of them, each day once."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from alpespartner.comun.granos import Grano, cubrir, tramos_de

DIAS = st.dates(date(1999, 1, 1), date(2101, 12, 31))


@given(desde=DIAS, cuantos=st.integers(0, 800))
def test_cada_dia_una_vez(desde: date, cuantos: int) -> None:
    hasta = desde + timedelta(days=cuantos)
    tramos = list(cubrir(desde, hasta))
    for n in range(cuantos + 1):
        dia = desde + timedelta(days=n)
        en = [
            grano
            for grano, primero, ultimo in tramos
            for suyo, suelto in tramos_de(dia)
            if suyo == grano and primero <= suelto <= ultimo
        ]
        assert len(en) == 1, (dia, tramos)
    # Nothing of other days comes along.
    for grano, primero, ultimo in tramos:
        assert desde <= primero <= ultimo <= hasta
        if grano == Grano.MES:
            assert primero.day == 1
            assert (ultimo + timedelta(days=1)).day == 1
    # And a year is a dozen months, with at most the days of two that are not whole.
    sueltos = sum((b - a).days + 1 for g, a, b in tramos if g == Grano.DIA)
    assert sueltos <= 60
