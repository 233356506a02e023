"""Refunds by part: what each takes, in any order, and nothing left at the end."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alpespartner.comun.dinero import CERO
from comisiones.motor.calculo import calcular
from comisiones.motor.errores import LineasInvalidas
from comisiones.motor.lineas import Linea, costes, de_la_red, juntar, separar
from comisiones.motor.partes import Devuelto, Pagado, quitado
from comisiones.motor.reversos import revertido_total
from comisiones.motor.tipos import Hechos
from tests.comisiones.motor.fabrica import hechos, reglas, terminos

D = Decimal
AMPLIO = settings(max_examples=150, deadline=None)
NETA = {"tipo": "porcentual", "porcentaje": "10", "base": "neto"}
BRUTA = {"tipo": "porcentual", "porcentaje": "10"}


def pagado(regla: dict[str, Any], valor: str, **otros: Any) -> Pagado:
    venta = hechos(valor, **{k: D(v) for k, v in otros.items()})
    return Pagado(terminos(**regla), venta, calcular(terminos(**regla), venta).monto)


@pytest.mark.parametrize(
    ("regla", "devuelto", "queda"),
    [
        (NETA, {"envio": "20"}, "10.00"),
        (NETA, {"producto": "50"}, "5.00"),
        (NETA, {"sin_decir": "60"}, "5.00"),
        (NETA, {"envio": "20", "producto": "100"}, "0.00"),
        (NETA, {"envio": "20", "sin_decir": "50"}, "5.00"),
        # 60 of anything and then the shipping: the 60 were of the product.
        (NETA, {"envio": "20", "sin_decir": "60"}, "4.00"),
        (BRUTA, {"envio": "20"}, "10.00"),
        (BRUTA, {"producto": "50"}, "7.00"),
        ({**NETA, "excluye": ["impuesto"]}, {"envio": "20"}, "10.00"),
        ({"tipo": "fija", "monto_fijo": "6", "base": "neto"}, {"envio": "20"}, "6.00"),
        ({"tipo": "fija", "monto_fijo": "6"}, {"envio": "20"}, "5.00"),
    ],
)
def test_of_120_with_20_of_shipping(regla: Any, devuelto: Any, queda: str) -> None:
    pago = pagado(regla, "120", envio="20")
    quitar = quitado([pago], Devuelto(**{k: D(v) for k, v in devuelto.items()}), "USD")
    assert pago.monto - quitar == D(queda)


@pytest.mark.parametrize(
    ("devuelto", "queda"),
    [({"envio": "20", "sin_decir": "50"}, "3.00"), ({"envio": "20"}, "6.00")],
)
def test_a_fixed_amount_for_a_line_of_nothing(devuelto: Any, queda: str) -> None:
    """A gift: it loses its share of what nobody said what it was of, and of nothing else."""
    regalo = pagado({"tipo": "fija", "monto_fijo": "6"}, "0")
    pagos = [pagado(NETA, "120", envio="20"), regalo]
    cifras = Devuelto(**{k: D(v) for k, v in devuelto.items()})
    solo = quitado(pagos, cifras, "USD") - quitado(pagos[:1], cifras, "USD")
    assert regalo.monto - solo == D(queda)


def dibujar_venta(datos: st.DataObject) -> tuple[list[Pagado], Hechos]:
    """A sale of up to four lines, paid by up to two rules."""
    centavos = st.integers(0, 5000).map(lambda n: D(n).scaleb(-2))
    lineas = [
        Linea(datos.draw(st.sampled_from("ABC")), datos.draw(st.integers(1, 3)), importe)
        for importe in datos.draw(st.lists(centavos, min_size=1, max_size=4))
    ]
    suma = sum((linea.importe for linea in lineas), CERO)
    envio, impuesto, descuento = (datos.draw(centavos) for _vez in range(3))
    dentro = datos.draw(st.sampled_from(["nada", "envio", "impuesto", "ambos", "rebaja"]))
    extra = {"nada": CERO, "envio": envio, "impuesto": impuesto, "ambos": envio + impuesto,
             "rebaja": -min(descuento, suma)}[dentro]  # fmt: skip
    if dentro == "rebaja":
        descuento = -extra
    venta = hechos(str(suma + extra), envio=envio, impuesto=impuesto, descuento=descuento)
    try:
        partes = separar(venta, lineas)
    except LineasInvalidas:
        assert suma == 0
        return [], venta
    assert juntar(partes).valor == venta.valor
    for concepto in ("envio", "impuesto", "descuento"):
        assert sum(getattr(p, concepto) for p in partes) == getattr(venta, concepto)
    assert all(p.valor >= 0 and p.envio >= 0 and p.impuesto >= 0 for p in partes)
    costaron = costes(venta, lineas)
    efectivas = [terminos(**datos.draw(reglas(periodo=False))) for _vez in range(2)]
    pagos = []
    for efectiva, nombres in zip(efectivas, ("A", "BC"), strict=True):
        suyas = [n for n, parte in enumerate(partes) if parte.producto in nombres]
        if suyas:
            juntas = juntar([partes[n] for n in suyas])
            pagos.append(
                Pagado(
                    efectiva,
                    juntas,
                    calcular(efectiva, juntas).monto,
                    tuple((partes[n].producto, costaron[n]) for n in suyas),
                )
            )
    return pagos, venta


@pytest.mark.lento
@AMPLIO
@given(st.data())
def test_in_any_order_and_split_it_ends_at_exactly_nothing(datos: st.DataObject) -> None:
    pagos, venta = dibujar_venta(datos)
    if not pagos or not venta.valor:
        return
    comision = sum((pago.monto for pago in pagos), CERO)
    queda, devuelto, antes = venta.valor, Devuelto(), CERO
    piezas: list[tuple[str, Decimal, str]] = []
    while queda and len(piezas) < 6:
        monto = min(queda, D(datos.draw(st.integers(1, 3000))).scaleb(-2))
        parte = datos.draw(st.sampled_from(["", "envio", "impuesto", "producto"]))
        cual = datos.draw(st.sampled_from(["", "A", "B", "Z"])) if parte == "producto" else ""
        piezas.append((parte, monto, cual))
        devuelto = devuelto.mas(parte, monto, cual)
        queda -= monto
        ahora = quitado(pagos, devuelto, "USD")
        assert antes <= ahora <= comision
        antes = ahora
    otro = Devuelto()
    for parte, monto, cual in datos.draw(st.permutations(piezas)):
        otro = otro.mas(parte, monto, cual)
    assert quitado(pagos, otro, "USD") == antes
    if queda:
        devuelto = devuelto.mas(datos.draw(st.sampled_from(["", "producto", "envio"])), queda)
    assert quitado(pagos, devuelto, "USD") == comision


@pytest.mark.lento
@AMPLIO
@given(st.data())
def test_without_saying_it_is_in_proportion(datos: st.DataObject) -> None:
    pagos, venta = dibujar_venta(datos)
    if not pagos or not venta.valor:
        return
    monto = min(venta.valor, D(datos.draw(st.integers(1, 9000))).scaleb(-2))
    comision = sum((pago.monto for pago in pagos), CERO)
    segun = revertido_total(comision, venta.valor, monto, "USD")
    assert quitado(pagos, Devuelto(sin_decir=monto), "USD") == segun


def test_the_network_earns_of_the_base_of_all_the_lines() -> None:
    """Lines of one base are the sale as it was; of two, what each base adds up to."""
    venta = hechos("120", envio=D(20))
    una, otra = separar(venta, [Linea("A", 1, D(40)), Linea("B", 1, D(60))])
    neta, bruta = terminos(**NETA), terminos(**BRUTA)
    suyos, entera = de_la_red([(neta, una), (neta, otra)])
    assert suyos == neta
    assert (entera.valor, entera.envio, entera.producto) == (D(120), D(20), "")
    assert de_la_red([(neta, una)]) == (neta, una)
    suyos, entera = de_la_red([(neta, una), (bruta, otra)])
    assert (suyos.base, suyos.excluye, suyos.porcentaje) == (None, None, neta.porcentaje)
    assert (entera.valor, entera.envio) == (D(40) + otra.valor, 0)


def test_all_of_a_product_takes_what_it_earned() -> None:
    """A 20.00 at 10 %, B 30.00 at 50 %, and 10.00 of shipping that earns with them."""
    venta = hechos("60", envio=D(10))
    lineas = [Linea("A", 1, D(20)), Linea("B", 1, D(30))]
    tasas, partes, costaron = ("10", "50"), separar(venta, lineas), costes(venta, lineas)
    pagos = [
        Pagado(
            terminos(tipo="porcentual", porcentaje=tasa, base="neto"), parte,
            calcular(terminos(tipo="porcentual", porcentaje=tasa, base="neto"), parte).monto,
            ((parte.producto, costo),),
        )
        for tasa, parte, costo in zip(tasas, partes, costaron, strict=True)
    ]  # fmt: skip
    assert [pago.monto for pago in pagos] == [D(2), D(15)]
    for devuelto, quitar in (
        (Devuelto(productos=(("B", D(30)),)), "15.00"),
        (Devuelto(productos=(("B", D(10)),)), "5.00"),
        (Devuelto(productos=(("A", D(20)),)), "2.00"),
        (Devuelto(envio=D(10)), "0.00"),
        (Devuelto(producto=D(25)), "8.50"),
    ):
        assert quitado(pagos, devuelto, "USD") == D(quitar)
