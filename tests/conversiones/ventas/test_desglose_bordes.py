"""What a refund may say that it is of: to the cent, of each concept and each product."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from alpespartner.comun.errores import DatoInvalido, DemasiadoPreciso
from conversiones.ventas.desglose import (
    ParteDevuelta,
    comprobar_partes,
    exigir_que_quepan,
    partes_de_json,
)
from conversiones.ventas.devoluciones import Devolucion, devolver
from conversiones.ventas.errores import DevolucionExcesiva
from tests import fabricas
from tests.fabricas import PRUEBAS

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]
D = Decimal


def parte(dicha: str) -> ParteDevuelta:
    """``producto:x 30.30``, ``envio 9.70``…"""
    que, monto = dicha.split()
    concepto, _dos_puntos, producto = que.partition(":")
    return ParteDevuelta(concepto=concepto, monto=D(monto), producto_id=producto)


CASOS: list[tuple[list[str], Any]] = [
    (["producto:x 30.30"], None),
    (["producto:x 30.31"], "30.30"),
    (["producto:x 30.29", "producto:x 0.02"], "0.01"),
    (["producto:x 30.29", "producto:x 0.01"], None),
    (["producto:y 60.60"], None),
    (["producto:y 60.61"], "60.60"),
    # It says no price; and what is not there.
    (["producto:z 1"], DatoInvalido),
    (["producto:w 1"], DatoInvalido),
    (["producto 110"], None),
    (["producto 110.01"], "110.00"),
    (["envio 9.70"], None),
    (["envio 9.71"], "9.70"),
    (["impuesto 5"], None),
    (["impuesto 5.01"], "5.00"),
    ([], None),
]


@pytest.mark.parametrize(("dichas", "falla"), CASOS)
def test_lo_que_cabe(dichas: list[str], falla: Any) -> None:
    """A sale of two that say what they cost, twice the second, and one that does not."""
    venta = fabricas.conversion(
        valor="110", metadatos={"envio": "9.70", "impuesto": "5"},
        productos=[{"id": "x", "importe": "30.30"}, {"id": "y", "importe": "60"}, {"id": "z"},
                   {"id": "y", "importe": "0.60"}],
    )  # fmt: skip
    partes = [parte(dicha) for dicha in dichas]
    if falla is None:
        exigir_que_quepan(venta, partes)
    elif isinstance(falla, str):
        with pytest.raises(DevolucionExcesiva) as error:
            exigir_que_quepan(venta, partes)
        assert error.value.datos["queda"] == falla
    else:
        with pytest.raises(falla):
            exigir_que_quepan(venta, partes)


def test_lo_que_ya_se_devolvio_no_cabe() -> None:
    """Of the same concept and product, and no other."""
    venta = fabricas.conversion(
        valor="110", metadatos={"envio": "9.70"}, productos=[{"id": "x", "importe": "30.30"}]
    )
    datos = Devolucion(id_externo="d", de=(parte("producto:x 30"), parte("envio 1")))
    devolver(conversion=venta, datos=datos, actor=PRUEBAS)
    exigir_que_quepan(venta, [parte("producto:x 0.30"), parte("envio 8.70"), parte("producto 110")])
    for dicha in ("producto:x 0.31", "envio 8.71"):
        with pytest.raises(DevolucionExcesiva):
            exigir_que_quepan(venta, [parte(dicha)])


@pytest.mark.parametrize(
    ("dichas", "monto", "moneda", "da"),
    [
        ([], "7", "USD", "7"),
        ([], None, "USD", None),
        (["envio 1.50", "producto 2"], None, "USD", "3.50"),
        (["envio 1.50", "producto 2"], "3.50", "USD", "3.50"),
        (["envio 1.50", "producto 2"], "3.51", "USD", DatoInvalido),
        (["envio 0.01"], None, "USD", "0.01"),
        (["envio 0"], None, "USD", DatoInvalido),
        (["envio -1"], None, "USD", DatoInvalido),
        (["otro 1"], None, "USD", DatoInvalido),
        (["envio:x 1"], None, "USD", DatoInvalido),
        (["producto:x 1"], None, "USD", "1"),
        (["envio 1.001"], None, "USD", DemasiadoPreciso),
        (["envio 1.001"], None, None, "1.001"),
        (["envio 1.5"], None, "JPY", DemasiadoPreciso),
    ],
)
def test_lo_que_suman(dichas: list[str], monto: str | None, moneda: str | None, da: Any) -> None:
    partes = [parte(dicha) for dicha in dichas]
    dicho = None if monto is None else D(monto)
    if da is None or isinstance(da, str):
        suma = comprobar_partes(partes, dicho, moneda)
        assert suma == (None if da is None else D(da))
    else:
        with pytest.raises(da):
            comprobar_partes(partes, dicho, moneda)


def test_como_se_guarda() -> None:
    """With the decimals of its currency, or as it was given; and back."""
    con, sin = parte("producto:x 1.5"), parte("envio 2")
    assert con.a_json("USD") == {"concepto": "producto", "monto": "1.50", "producto_id": "x"}
    assert sin.a_json(None) == {"concepto": "envio", "monto": "2"}
    assert partes_de_json([con.a_json("USD"), sin.a_json(None)]) == (con, sin)
