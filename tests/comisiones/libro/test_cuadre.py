"""An entry balances in each of its currencies, or there is none."""

from __future__ import annotations

from decimal import Decimal

import pytest

from comisiones.libro.errores import AsientoInvalido
from comisiones.libro.models import Apunte, Cuenta, TipoAsiento
from comisiones.libro.services import Linea, asentar

pytestmark = pytest.mark.django_db
GASTO, BANCO = Cuenta.GASTO_COMISIONES, Cuenta.BANCO


def lineas(*importes: tuple[str, str]) -> list[Linea]:
    return [
        Linea(GASTO if n % 2 else BANCO, Decimal(importe), moneda)
        for n, (importe, moneda) in enumerate(importes)
    ]


DOLARES = (("0.01", "USD"), ("-0.01", "USD"))
EUROS = (("5.00", "EUR"), ("-5.00", "EUR"))


@pytest.mark.parametrize("buenas", [DOLARES, (*DOLARES, *EUROS)])
def test_cuadrado_se_escribe(buenas: tuple[tuple[str, str], ...]) -> None:
    asentar(tipo=TipoAsiento.AJUSTE, origen="x", lineas=lineas(*buenas))
    leidas = Apunte.objects.order_by("pk").values_list("importe", "moneda")
    assert list(leidas) == [(Decimal(i), m) for i, m in buenas]


@pytest.mark.parametrize(
    "malas",
    [
        # Each is out by a cent in one currency only, or in both with a sum of zero.
        (*DOLARES, ("5.00", "EUR"), ("-4.99", "EUR")),
        (("0.02", "USD"), ("-0.01", "USD"), *EUROS),
        (("5.00", "EUR"), ("-5.00", "USD")),
        (("5.00", "EUR"), ("-4.99", "EUR")),
        (("0.00", "EUR"), ("0.00", "EUR")),
        (("5.00", "EUR"),),
        (),
    ],
)
def test_descuadrado_no_deja_nada(malas: tuple[tuple[str, str], ...]) -> None:
    with pytest.raises(AsientoInvalido):
        asentar(tipo=TipoAsiento.AJUSTE, origen="x", lineas=lineas(*malas))
    assert not Apunte.objects.exists()
