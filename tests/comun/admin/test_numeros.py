"""What people type in a box of amounts: either separator, and never a guess."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpespartner.comun.cifras import leer_numero


@pytest.mark.parametrize(
    ("texto", "esperado"),
    [
        ("1,50", "1.50"), ("1.50", "1.50"), ("1.234,50", "1234.50"), ("1,234.50", "1234.50"),
        ("1234,5", "1234.5"), ("1\u00a0234,50", "1234.50"), ("1 234 567", "1234567"), ("-5", "-5"),
        ("\u22125,5", "-5.5"), ("+3", "3"), ("1.234.567", "1234567"), ("1,234,567", "1234567"),
        ("0,125", "0.125"), (".5", "0.5"), ("1234,567", "1234.567"), ("12,3456", "12.3456"),
        (" 7 ", "7"), ("1.234.567,8", "1234567.8"), ("0.001", "0.001"),
    ],
)  # fmt: skip
def test_se_lee(texto: str, esperado: str) -> None:
    assert leer_numero(texto) == Decimal(esperado)


@pytest.mark.parametrize(
    "texto",
    [
        "1,500", "1.500", "12.345", "999,000", "", " ", "abc", "1e3", "NaN", "Infinity", "１",
        "1,", "1.", ",", "--1", "1-", "1 2", "12 34,5", "1.2.3", "1,2,3", "1.234,567,8", "1.23,4.5",
        "1,234.567.8", "1..5", "0x1", "1_000", "1$", "9" * 50, "1234.567.890", "1,23.4",
    ],
)  # fmt: skip
def test_no_se_adivina(texto: str) -> None:
    """Thousands in one language and decimals in the other, and what is no number at all."""
    with pytest.raises(ValueError, match=r"\S"):
        leer_numero(texto)


@given(
    st.decimals(-(10**10), 10**10, places=2), st.sampled_from([(".", ","), (",", "."), (" ", ",")])
)
def test_lo_que_escribe_una_pagina(monto: Decimal, marcas: tuple[str, str]) -> None:
    """Any amount with two decimals, in any of the ways that a page or a person writes it."""
    miles, decimal = marcas
    escrito = f"{monto:,.2f}".replace(",", "M").replace(".", decimal).replace("M", miles)
    assert leer_numero(escrito) == monto


@given(st.text("0123456789.,- \u00a0", max_size=12))
def test_nunca_otro_numero(texto: str) -> None:
    """Whatever is read has the figures that were typed, in their order."""
    try:
        leido = leer_numero(texto)
    except ValueError:
        return
    cifras = "".join(c for c in texto if c.isdigit()).lstrip("0")
    assert "".join(c for c in f"{leido:f}" if c.isdigit()).lstrip("0") == cifras
