"""How long approvals take: medians and percentiles of what is counted are those of all of them."""

from __future__ import annotations

import math
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comisiones.metricas.horas import percentil, plazo

UN_DIA = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutos", "horas"),
    [(-1, 0), (0, 0), (59, 0), (60, 1), (47 * 60 + 59, 47), (48 * 60, 48), (71 * 60 + 59, 48),
     (72 * 60, 72), (10**12, 100 * 366 * 24)],
)  # fmt: skip
def test_horas_cumplidas(minutos: int, horas: int) -> None:
    en_dias = timedelta(minutes=min(minutos, 60 * 24 * 366 * 200))
    assert plazo(UN_DIA, UN_DIA + en_dias) == horas


@given(st.lists(st.integers(0, 5_000), max_size=60), st.sampled_from([1, 50, 95, 100]))
def test_el_rango_mas_cercano(minutos: list[int], por_ciento: int) -> None:
    """Of the exact ones, told in hours: the least that so many of each hundred do not pass."""
    cada = [timedelta(minutes=m) for m in minutos]
    contados = Counter(plazo(UN_DIA, UN_DIA + suyo) for suyo in cada)
    if not cada:
        assert percentil(contados, por_ciento) is None
        return
    suyo = sorted(cada)[math.ceil(por_ciento * len(cada) / 100) - 1]
    assert percentil(contados, por_ciento) == plazo(UN_DIA, UN_DIA + suyo)
