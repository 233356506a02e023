"""Refunds: they add up, never pass the commission, and a full refund ends at exactly 0."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comisiones.motor.errores import ReversoInvalido
from comisiones.motor.reversos import Reverso, revertido_total, revertir, revertir_todas
from tests.comisiones.motor import oraculo

D = Decimal
AMPLIO = settings(max_examples=200, deadline=None)


@pytest.mark.parametrize(
    ("comision", "venta", "devoluciones", "esperado", "moneda"),
    [
        ("0.79", "10.00", ["4.00", "6.00"], ["0.32", "0.47"], "USD"),
        ("0.01", "3.00", ["1.00", "1.00", "1.00"], ["0.00", "0.01", "0.00"], "USD"),
        ("10.00", "30.00", ["10.00"] * 3, ["3.33", "3.34", "3.33"], "USD"),
        ("5", "10", ["1"] * 10, ["1", "0", "1", "0", "1", "0", "1", "0", "1", "0"], "JPY"),
        ("0.00", "10.00", ["10.00"], ["0.00"], "USD"),
        ("50.00", "10.00", ["10.00"], ["50.00"], "USD"),  # a fixed commission over the sale
        ("1.00", "10.00", ["10.00", "-10.00", "5.00"], ["1.00", "-1.00", "0.50"], "USD"),
    ],
)
def test_table(
    comision: str, venta: str, devoluciones: list[str], esperado: list[str], moneda: str
) -> None:
    reversos = revertir_todas(D(comision), D(venta), map(D, devoluciones), moneda)
    assert [str(reverso.monto) for reverso in reversos] == esperado


def test_it_tells_the_state_after() -> None:
    assert revertir(
        comision=D("0.79"), venta=D("10.00"), devolucion=D("6.00"), devuelto=D("4.00"), moneda="USD"
    ) == Reverso(monto=D("0.47"), devuelto=D("10.00"), revertido=D("0.79"), resto=D("0.00"))


def test_what_went_back_already_counts_as_it_was() -> None:
    # Someone took back 0.50 by hand: a full refund takes what is left, and no more.
    reverso = revertir(
        comision=D("0.79"),
        venta=D("10.00"),
        devolucion=D("6.00"),
        devuelto=D("4.00"),
        revertido=D("0.50"),
        moneda="USD",
    )
    assert (reverso.monto, reverso.resto) == (D("0.29"), 0)


@pytest.mark.parametrize(
    ("cambios", "motivo"),
    [
        ({"devolucion": D("10.01")}, "supera"),
        ({"devuelto": D("10.00")}, "supera"),
        ({"devuelto": D("10.00"), "devolucion": D("10.00")}, "supera"),
        ({"devolucion": D(0)}, "no puede ser cero"),
        ({"devolucion": D("-0.01")}, "más de lo devuelto"),
        ({"venta": D(0)}, "no tiene valor"),
        ({"venta": D(-1)}, "no tiene valor"),
        ({"comision": D(-1)}, "no puede ser negativa"),
        ({"revertido": D("1.01")}, "entre cero y la comisión"),
        ({"revertido": D("-0.01")}, "entre cero y la comisión"),
    ],
)
def test_refusals(cambios: dict[str, Any], motivo: str) -> None:
    datos: dict[str, Any] = {"comision": D(1), "venta": D(10), "devolucion": D(1), "moneda": "USD"}
    with pytest.raises(ReversoInvalido, match=motivo):
        revertir(**datos | cambios)


@AMPLIO
@given(st.data(), st.integers(0, 10**7), st.integers(1, 10**7))
def test_refunds_add_up(datos: st.DataObject, comision: int, venta: int) -> None:
    cortes = datos.draw(st.lists(st.integers(1, venta), unique=True, max_size=6).map(sorted))
    if datos.draw(st.booleans()) and venta not in cortes:
        cortes.append(venta)
    devoluciones = [b - a for a, b in zip([0, *cortes], cortes, strict=False)]
    reversos = revertir_todas(
        D(comision).scaleb(-2),
        D(venta).scaleb(-2),
        [D(monto).scaleb(-2) for monto in devoluciones],
        "USD",
    )
    montos = [int(reverso.monto.scaleb(2)) for reverso in reversos]
    assert montos == oraculo.reversos(comision, venta, devoluciones)
    assert all(monto >= 0 for monto in montos)
    assert sum(montos) <= comision
    for corte, reverso in zip(cortes, reversos, strict=True):
        # However it was cut, the state depends only on the sum refunded.
        total = revertido_total(
            D(comision).scaleb(-2), D(venta).scaleb(-2), D(corte).scaleb(-2), "USD"
        )
        assert reverso.revertido == total
    if venta in cortes:
        assert sum(montos) == comision
        assert reversos[-1].resto == 0
