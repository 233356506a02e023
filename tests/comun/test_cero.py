"""Zero has no sign, wherever an amount is written."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpespartner.comun.admin.formato import importe
from alpespartner.comun.dinero import cuantizar, decimal_exacto, texto
from alpespartner.comun.formato import numero, porcentaje
from comisiones.motor.explicacion import monto_es, tasa_es
from comisiones.motor.tipos import plano

D = Decimal
# What SQLite gives for 0.70 + 0.10 - 0.80, and other nothings.
NADAS = ["-5.55111512312578E-17", "-0", "-0.00", "-0.004", "-1E-30", "0", "0.00", "5.5E-17"]


@pytest.mark.parametrize("nada", NADAS)
def test_nothing_is_written_without_a_sign(nada: str) -> None:
    monto = D(nada)
    assert texto(monto, "USD") == "0.00"
    assert str(cuantizar(monto, "USD")) == "0.00"
    escritos = [numero(monto, "USD"), str(importe(monto, "USD"))]
    escritos += [monto_es(str(cuantizar(monto, "USD")), "USD"), tasa_es("-0"), porcentaje(D("-0"))]
    escritos += [plano(decimal_exacto("-0")), str(importe(D("-0.00"), ""))]
    assert [e for e in escritos if "-" in e.replace("ap-", "") or "\N{MINUS SIGN}" in e] == []


@given(
    st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=8),
    st.sampled_from(["USD", "JPY", "KWD"]),
)
def test_sums_made_in_binary_never_end_in_minus_zero(partes: list[int], moneda: str) -> None:
    montos = [D(n).scaleb(-2) for n in [*partes, -sum(partes)]]
    # As SQLite adds them.
    suma = D(repr(sum(map(float, montos))))
    escrito = texto(-suma, moneda)
    assert not escrito.startswith("-") or D(escrito) != 0
