"""An entry balances in each of its currencies, or there is none."""

from __future__ import annotations

from decimal import Decimal

import pytest

from comisiones.libro.errores import AsientoInvalido
from comisiones.libro.models import Apunte, Asiento, Cuenta, TipoAsiento
from comisiones.libro.services import Linea, asentar, asentar_todos

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


@pytest.mark.parametrize("cuantos", [1, 2, 3])
def test_varios_hechos_cada_uno_con_lo_suyo(cuantos: int) -> None:
    """One entry for each, with its own lines; one that is out leaves none of them."""
    hechos = {f"h{n}": lineas((f"{n}.01", "USD"), (f"-{n}.01", "USD")) for n in range(cuantos)}
    asentar_todos(tipo=TipoAsiento.AJUSTE, lineas=hechos)
    for n in range(cuantos):
        suyos = Apunte.objects.filter(asiento__origen=f"h{n}").order_by("pk")
        assert [a.importe for a in suyos] == [Decimal(f"{n}.01"), Decimal(f"-{n}.01")]
    assert Asiento.objects.count() == cuantos
    with pytest.raises(AsientoInvalido):
        asentar_todos(tipo=TipoAsiento.REVERSO, lineas={**hechos, "malo": lineas(("1.00", "USD"))})
    assert Asiento.objects.count() == cuantos
