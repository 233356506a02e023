"""Money: exact, rounded once half up, never through a binary fraction."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpespartner.comun import dinero

MONEDAS = {"JPY": 0, "COP": 2, "USD": 2, "EUR": 2, "KWD": 3, "CLF": 4}
montos = st.decimals(
    # One less: rounding up must not leave the range.
    min_value=1 - dinero.MAXIMO, max_value=dinero.MAXIMO - 1, allow_nan=False,
    allow_infinity=False, places=4,
)  # fmt: skip


@pytest.mark.parametrize(("moneda", "decimales"), MONEDAS.items())
def test_exponente(moneda: str, decimales: int) -> None:
    """A wrong exponent pays a hundred times too much in yen."""
    assert dinero.exponente(moneda) == decimales
    assert dinero.unidad_minima(moneda) == Decimal(1).scaleb(-decimales)


@pytest.mark.parametrize("moneda", ["", "usd", "XXX", "XAU", "ZZZ", "US", "USDT", "840", "🙂🙂🙂"])
def test_moneda_desconocida(moneda: str) -> None:
    """Metals and test codes have no minor unit: nothing can be rounded to them."""
    with pytest.raises(dinero.DineroInvalido):
        dinero.exponente(moneda)


@pytest.mark.parametrize(
    ("monto", "moneda", "esperado"),
    [
        ("0.005", "USD", "0.01"),
        ("0.004999", "USD", "0.00"),
        ("2.675", "USD", "2.68"),
        ("-0.005", "USD", "-0.01"),
        ("0.5", "JPY", "1"),
        ("1.5", "JPY", "2"),
        ("2.5", "JPY", "3"),
        ("0.0005", "KWD", "0.001"),
        ("999999999999999.994", "COP", "999999999999999.99"),
    ],
)
def test_mitad_hacia_arriba(monto: str, moneda: str, esperado: str) -> None:
    """Half to even, Python's own default, would lose a cent in every other half."""
    assert dinero.texto(Decimal(monto), moneda) == esperado


@given(montos, st.sampled_from(sorted(MONEDAS)))
def test_cuantizar_es_el_mas_cercano(monto: Decimal, moneda: str) -> None:
    """Against exact fractions: off by half a unit at most, ties away from zero, idempotent."""
    redondo = dinero.cuantizar(monto, moneda)
    unidad = Fraction(dinero.unidad_minima(moneda))
    error = Fraction(redondo) - Fraction(monto)
    assert abs(error) <= unidad / 2
    if abs(error) == unidad / 2:
        assert abs(redondo) > abs(monto)
    assert dinero.cuantizar(redondo, moneda) == redondo
    assert dinero.es_exacto(redondo, moneda)
    assert dinero.es_exacto(monto, moneda) == (error == 0)


@pytest.mark.parametrize("signo", [1, -1])
def test_maximo(signo: int) -> None:
    """SQLite keeps fifteen digits: one more comes back changed, or cannot be read at all."""
    assert len(dinero.MAXIMO.as_tuple().digits) == 15
    assert dinero.es_exacto(signo * dinero.MAXIMO, "CLF")
    assert not dinero.es_exacto(signo * (dinero.MAXIMO + Decimal("0.0001")), "CLF")
    assert not dinero.es_exacto(signo * Decimal(10) ** 11, "USD")


@given(montos, st.sampled_from(sorted(MONEDAS)))
def test_texto_ida_y_vuelta(monto: Decimal, moneda: str) -> None:
    """The text has no exponent and as many decimals as the currency: a partner parses it."""
    texto = dinero.texto(monto, moneda)
    assert "E" not in texto.upper()
    _entero, _punto, decimales = texto.partition(".")
    assert len(decimales) == MONEDAS[moneda]
    assert dinero.decimal_exacto(texto) == dinero.cuantizar(monto, moneda)


@given(montos, st.integers(0, 1_000_000))
def test_la_precision_del_producto_no_se_pierde(monto: Decimal, diezmilesimas: int) -> None:
    """Rounding twice (product, then currency) is how two systems come to differ by a cent."""
    tasa = Decimal(diezmilesimas).scaleb(-4)
    producto = dinero.CONTEXTO.divide(dinero.CONTEXTO.multiply(monto, tasa), Decimal(100))
    assert Fraction(producto) == Fraction(monto) * Fraction(tasa) / 100
    assert dinero.CONTEXTO.rounding == ROUND_HALF_UP


@pytest.mark.parametrize(
    ("valor", "esperado"),
    [("10.50", "10.50"), ("+1", "1"), ("-3.25", "-3.25"), (7, "7"), (Decimal("1E+2"), "100")],
)
def test_decimal_exacto(valor: str | int | Decimal, esperado: str) -> None:
    """What comes as text stays as exact as it came."""
    assert dinero.decimal_exacto(valor) == Decimal(esperado)


@pytest.mark.parametrize(
    "valor",
    [
        "", " 1", "1 ", "1e5", "1E5", "NaN", "Infinity", "1,5", "1.", ".5", "0x10", "1_000", "١",
        "1\n", "9" * 41, 1.5, True, None, [], {}, Decimal("NaN"), Decimal("sNaN"),
        Decimal("-Infinity"), Decimal("1E+400"), 10**60,
    ],
)  # fmt: skip
def test_decimal_exacto_rechaza(valor: object) -> None:
    """A float, an exponent in text or an infinity is refused, not guessed at."""
    with pytest.raises(dinero.DineroInvalido):
        dinero.decimal_exacto(valor)  # type: ignore[arg-type]


@given(st.one_of(st.text(max_size=30), st.integers(), st.floats(), st.decimals(), st.booleans()))
def test_decimal_exacto_nunca_revienta(valor: object) -> None:
    """Whatever comes: a finite decimal or DineroInvalido, no other exception."""
    try:
        numero = dinero.decimal_exacto(valor)  # type: ignore[arg-type]
    except dinero.DineroInvalido:
        return
    assert numero.is_finite()


@pytest.mark.parametrize(
    "valor", ["0E-999999999", "0E-41", "1E-41", "10." + "0" * 41, "0E-9999999999999999"]
)
def test_decimal_exacto_no_guarda_ceros_sin_fin(valor: str) -> None:
    """A number of JSON of twenty letters would be a gigabyte when it is written out."""
    with pytest.raises(dinero.DineroInvalido, match="decimales"):
        dinero.decimal_exacto(Decimal(valor))
    assert dinero.decimal_exacto(Decimal("0E-40")) == 0
    assert dinero.decimal_exacto(Decimal("10." + "0" * 40)) == 10
