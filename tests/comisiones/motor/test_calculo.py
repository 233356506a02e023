"""Tables of commissions worked out by hand."""

from __future__ import annotations

import decimal
from decimal import Decimal
from typing import Any

import pytest

from alpespartner.comun.dinero import DineroInvalido
from comisiones.motor.calculo import calcular
from comisiones.motor.errores import HechosInvalidos, MonedaDistinta, TerminosInvalidos
from comisiones.motor.tipos import MULTIPLICADORES_NIVEL, Acumulado
from tests.comisiones.motor.fabrica import DIEZ_QUINCE, hechos, terminos, tramos

CASOS: list[tuple[str, dict[str, Any], dict[str, Any], str, str | None]] = [
    # name, terms, facts, commission, rate
    ("cero por ciento", {"tipo": "porcentual", "porcentaje": "0"}, {"valor": "99.99"}, "0.00", "0"),
    ("todo", {"tipo": "porcentual", "porcentaje": "100"}, {"valor": "99.99"}, "99.99", "100"),
    ("medio centavo", {"tipo": "porcentual", "porcentaje": "50"}, {"valor": "0.01"}, "0.01", "50"),
    (
        "bajo medio centavo",
        {"tipo": "porcentual", "porcentaje": "49.99999999"},
        {"valor": "0.01"},
        "0.00",
        "49.99999999",
    ),
    ("fija", {"tipo": "fija", "monto_fijo": "5.00"}, {"valor": "3.00"}, "5.00", None),
    (
        "fija por orden no mira la cantidad",
        {"tipo": "fija", "monto_fijo": "5.00", "por": "orden"},
        {"valor": "3.00", "cantidad": 4},
        "5.00",
        None,
    ),
    (
        "fija por item",
        {"tipo": "fija", "monto_fijo": "1.25", "por": "item"},
        {"valor": "3.00", "cantidad": 3},
        "3.75",
        None,
    ),
    ("fija cero", {"tipo": "fija", "monto_fijo": "0"}, {"valor": "3.00"}, "0.00", None),
    (
        "mixta: se redondea una vez",  # 0.005 + 0.005 is one cent, not two
        {"tipo": "mixta", "porcentaje": "0.5", "monto_fijo": "0.005"},
        {"valor": "1.00"},
        "0.01",
        "0.5",
    ),
    (
        "neta de todo",
        {"tipo": "porcentual", "porcentaje": "10", "base": "neto"},
        {
            "valor": "119.00",
            "impuesto": Decimal("19"),
            "envio": Decimal("10"),
            "descuento": Decimal("5"),
        },
        "8.50",
        "10",
    ),
    (
        "neta de impuestos",
        {"tipo": "porcentual", "porcentaje": "10", "base": "neto", "excluye": ["impuesto"]},
        {"valor": "119.00", "impuesto": Decimal("19"), "envio": Decimal("10")},
        "10.00",
        "10",
    ),
    (
        "neta de nada",
        {"tipo": "porcentual", "porcentaje": "10", "base": "neto", "excluye": []},
        {"valor": "119.00", "impuesto": Decimal("19")},
        "11.90",
        "10",
    ),
    (
        "bruta no resta",
        {"tipo": "porcentual", "porcentaje": "10"},
        {"valor": "119.00", "impuesto": Decimal("19")},
        "11.90",
        "10",
    ),
    (
        "neta nunca negativa",
        {"tipo": "porcentual", "porcentaje": "10", "base": "neto"},
        {"valor": "10.00", "impuesto": Decimal("19")},
        "0.00",
        "10",
    ),
    (
        "minimo",
        {"tipo": "porcentual", "porcentaje": "1", "minimo": "1.00"},
        {"valor": "5.00"},
        "1.00",
        "1",
    ),
    (
        "minimo no crea comision",
        {"tipo": "porcentual", "porcentaje": "0", "minimo": "1.00"},
        {"valor": "5.00"},
        "0.00",
        "0",
    ),
    (
        "tope",
        {"tipo": "porcentual", "porcentaje": "50", "tope": "1.00"},
        {"valor": "5.00"},
        "1.00",
        "50",
    ),
    (
        "tope cero es cero",
        {"tipo": "porcentual", "porcentaje": "50", "tope": "0"},
        {"valor": "5.00"},
        "0.00",
        "50",
    ),
    (
        "tope sobre minimo heredado",
        {"tipo": "porcentual", "porcentaje": "1", "minimo": "5.00", "tope": "2.00"},
        {"valor": "10.00"},
        "2.00",
        "1",
    ),
    (
        "items graduados",  # 2 items of 25 at 10 %, 1 of 25 at 20 %, and 1.00 for each of the two
        {
            "tipo": "escalonada",
            "metrica": "cantidad",
            "tramos": [
                {"desde": "0", "hasta": "2", "porcentaje": "10", "monto_fijo": "1.00"},
                {"desde": "2", "hasta": None, "porcentaje": "20"},
            ],
        },
        {"valor": "75.00", "cantidad": 3},
        "12.00",
        "16.0000",
    ),
    (
        "tercios exactos",  # 1/3 at 1.5 % is half a cent: up
        {
            "tipo": "escalonada",
            "metrica": "cantidad",
            "tramos": tramos(("1", "1.5"), (None, "0")),
        },
        {"valor": "1.00", "cantidad": 3},
        "0.01",
        "0.5000",
    ),
    (
        "fijo por entrar en cada tramo",
        {
            "tipo": "escalonada",
            "tramos": [
                {"desde": "0", "hasta": "100", "monto_fijo": "5.00"},
                {"desde": "100", "hasta": None, "monto_fijo": "7.00"},
            ],
        },
        {"valor": "100.01"},
        "12.00",
        None,
    ),
    (
        "un tramo con porcentaje y otro solo con fijo",  # 100.00 at 10 %, and 5.00 for the rest
        {
            "tipo": "escalonada",
            "tramos": [
                {"desde": "0", "hasta": "100", "porcentaje": "10"},
                {"desde": "100", "hasta": None, "monto_fijo": "5.00"},
            ],
        },
        {"valor": "150.00"},
        "15.00",
        "10.0000",
    ),
    (
        "completa con fijo por item",
        {
            "tipo": "escalonada",
            "modo": "completa",
            "por": "item",
            "tramos": [
                {"desde": "0", "hasta": "100", "monto_fijo": "5.00"},
                {"desde": "100", "hasta": None, "monto_fijo": "7.00"},
            ],
        },
        {"valor": "100.01", "cantidad": 2},
        "14.00",
        None,
    ),
    (
        "valor cero, escala",
        {"tipo": "escalonada", "tramos": DIEZ_QUINCE},
        {"valor": "0.00"},
        "0.00",
        None,
    ),
]


@pytest.mark.parametrize(
    ("datos", "hecho", "monto", "tasa"), [c[1:] for c in CASOS], ids=[c[0] for c in CASOS]
)
def test_table(datos: dict[str, Any], hecho: dict[str, Any], monto: str, tasa: str | None) -> None:
    resultado = calcular(terminos(**datos), hechos(**hecho))
    assert str(resultado.monto) == monto
    assert (None if resultado.tasa is None else str(resultado.tasa)) == tasa
    assert resultado.moneda == "USD"


@pytest.mark.parametrize(
    ("nivel", "monto"),
    [
        ("bronce", "10.01"),
        ("plata", "11.01"),
        ("oro", "12.51"),
        ("platino", "15.01"),
        ("diamante", "20.01"),
        ("", "10.01"),
        ("desconocido", "10.01"),
    ],
)
def test_level_multipliers_apply_before_rounding(nivel: str, monto: str) -> None:
    multiplicadores = [[n, str(f)] for n, f in MULTIPLICADORES_NIVEL]
    regla = terminos(tipo="porcentual", porcentaje="10", multiplicadores=multiplicadores)
    assert str(calcular(regla, hechos("100.05", nivel_afiliado=nivel)).monto) == monto


@pytest.mark.parametrize(
    ("moneda", "valor", "monto"),
    [
        ("JPY", "1005", "151"),
        ("COP", "1005.03", "150.75"),
        ("KWD", "1.003", "0.150"),
        ("CLF", "1.0003", "0.1500"),
    ],
)
def test_currency_exponents(moneda: str, valor: str, monto: str) -> None:
    regla = terminos(tipo="porcentual", porcentaje="15", moneda=moneda)
    assert str(calcular(regla, hechos(valor, moneda)).monto) == monto


@pytest.mark.parametrize(
    ("gastado", "monto"),
    [
        (("0", "0"), "30.00"),
        (("75", "0"), "25.00"),
        (("0", "199.99"), "0.01"),
        (("100", "0"), "0.00"),
        (("500", "0"), "0.00"),
    ],
)
def test_spending_caps(gastado: tuple[str, str], monto: str) -> None:
    regla = terminos(
        tipo="fija",
        monto_fijo="30.00",
        topes_gasto=[
            {"ambito": "afiliado", "periodo": "mes", "monto": "100.00"},
            {"ambito": "campana", "periodo": "total", "monto": "200.00"},
        ],
    )
    previo = Acumulado(gastado=tuple(map(Decimal, gastado)))
    resultado = calcular(regla, hechos("10.00"), previo)
    assert str(resultado.monto) == monto
    assert ("tope_gasto" in [paso.codigo for paso in resultado.traza]) == (monto != "30.00")
    with pytest.raises(HechosInvalidos, match="gastado"):
        calcular(regla, hechos("10.00"))


def test_tiers_over_a_period_pay_the_difference() -> None:
    regla = terminos(tipo="escalonada", tramos=DIEZ_QUINCE, periodo="mes")
    previo = None
    montos = []
    for valor in ("600.00", "600.00", "0.05", "0.05", "0.00"):
        resultado = calcular(regla, hechos(valor), previo)
        previo = resultado.acumulado
        montos.append(str(resultado.monto))
    # 0.05 at 15 % is 0.0075 each; together 0.015: one cent and then one more, not 0.01 + 0.01.
    assert montos == ["60.00", "70.00", "0.01", "0.01", "0.00"]
    assert previo == Acumulado(Decimal("1200.10"), 5, 5, Decimal("130.015"))


def test_thirds_add_up_to_the_half_cent_they_are() -> None:
    # Of each order of 3 items one pays 2.5 %: 0.008333... each, 0.025 in all, which rounds up.
    regla = terminos(
        tipo="escalonada",
        metrica="cantidad",
        periodo="mes",
        tramos=tramos(
            ("1", "2.5"), ("3", "0"), ("4", "2.5"), ("6", "0"), ("7", "2.5"), (None, "0")
        ),
    )
    previo = None
    montos = []
    for _ in range(3):
        resultado = calcular(regla, hechos("1.00", cantidad=3), previo)
        previo = resultado.acumulado
        montos.append(str(resultado.monto))
    assert montos == ["0.01", "0.01", "0.01"]


def test_each_tier_of_items_says_its_share_of_the_base() -> None:
    # Of 75.00 for 3 items, two are 50 and one is 25.
    tabla = [
        {"desde": "0", "hasta": "2", "porcentaje": "10", "monto_fijo": "1"},
        {"desde": "2", "hasta": None, "porcentaje": "20"},
    ]
    regla = terminos(tipo="escalonada", metrica="cantidad", tramos=tabla)
    resultado = calcular(regla, hechos("75", cantidad=3))
    pasos = [dict(paso.datos) for paso in resultado.traza if paso.codigo == "tramo_items"]
    vistos = [
        tuple(Decimal(paso[c]) for c in ("desde", "unidades", "porcion", "monto")) for paso in pasos
    ]
    assert vistos == [(0, 2, 50, 7), (2, 1, 25, 5)]


def test_a_multiplier_brings_an_endless_share_back_to_a_half_cent() -> None:
    # One item of 11 at 5 % is 0.004545...; times 1.1 it is half a cent exactly.
    regla = terminos(
        tipo="escalonada",
        metrica="cantidad",
        tramos=tramos(("1", "5"), (None, "0")),
        multiplicadores=[["plata", "1.1"]],
    )
    venta = hechos("1.00", cantidad=11, nivel_afiliado="plata")
    assert str(calcular(regla, venta).monto) == "0.01"


def test_a_retroactive_scale_pays_what_was_missing() -> None:
    regla = terminos(tipo="escalonada", modo="completa", tramos=DIEZ_QUINCE, periodo="mes")
    primera = calcular(regla, hechos("1000.00"))
    segunda = calcular(regla, hechos("0.01"), primera.acumulado)
    assert (str(primera.monto), str(segunda.monto)) == ("100.00", "50.00")
    # A state that carries only the base is enough to know what the period already paid.
    assert calcular(regla, hechos("0.01"), Acumulado(Decimal(1000))).exacto == segunda.exacto


def test_orders_of_their_own_do_not_look_at_the_period() -> None:
    regla = terminos(tipo="escalonada", tramos=DIEZ_QUINCE, periodo="orden")
    previo = Acumulado(Decimal(5000), 5, 5, Decimal(600))
    resultado = calcular(regla, hechos("100.00"), previo)
    assert (str(resultado.monto), resultado.acumulado) == ("10.00", None)


@pytest.mark.parametrize(
    ("datos", "hecho", "error"),
    [
        ({}, {}, TerminosInvalidos),
        ({"tipo": "porcentual"}, {}, TerminosInvalidos),
        ({"tipo": "fija"}, {}, TerminosInvalidos),
        ({"tipo": "mixta", "porcentaje": "1"}, {}, TerminosInvalidos),
        ({"tipo": "escalonada"}, {}, TerminosInvalidos),
        ({"tipo": "fija", "monto_fijo": "1", "moneda": None}, {}, TerminosInvalidos),
        ({"tipo": "fija", "monto_fijo": "1"}, {"moneda": "EUR"}, MonedaDistinta),
        ({"tipo": "porcentual", "porcentaje": "1", "tope": "1"}, {"moneda": "EUR"}, MonedaDistinta),
        ({"tipo": "escalonada", "tramos": DIEZ_QUINCE}, {"moneda": "EUR"}, MonedaDistinta),
        ({"tipo": "porcentual", "porcentaje": "1"}, {"valor": "-0.01"}, HechosInvalidos),
        ({"tipo": "porcentual", "porcentaje": "1"}, {"valor": "Infinity"}, HechosInvalidos),
        ({"tipo": "porcentual", "porcentaje": "1"}, {"valor": "1e15"}, HechosInvalidos),
        ({"tipo": "porcentual", "porcentaje": "1"}, {"cantidad": 0}, HechosInvalidos),
        (
            {"tipo": "porcentual", "porcentaje": "1", "base": "neto"},
            {"impuesto": Decimal("-1")},
            HechosInvalidos,
        ),
        ({"tipo": "porcentual", "porcentaje": "1"}, {"moneda": "ZZZ"}, DineroInvalido),
    ],
)
def test_refusals(datos: dict[str, Any], hecho: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        calcular(terminos(**datos), hechos(**({"valor": "10.00"} | hecho)))


def test_percentages_alone_apply_to_any_currency() -> None:
    regla = terminos(tipo="porcentual", porcentaje="10", tope="0")
    assert calcular(terminos(tipo="porcentual", porcentaje="10"), hechos("5", "EUR")).monto
    assert calcular(regla, hechos("5", "EUR")).monto == 0


def test_floats_do_not_get_in() -> None:
    regla = terminos(tipo="porcentual", porcentaje="10")
    with pytest.raises(TypeError):
        calcular(regla, hechos("1").__class__(1.5, "USD", hechos("1").ocurrida_en))  # type: ignore[arg-type]


def test_the_ambient_context_does_not_matter() -> None:
    regla = terminos(tipo="mixta", porcentaje="12.345678", monto_fijo="0.333")
    valor = "99999999999.99"
    esperado = calcular(regla, hechos(valor))
    with decimal.localcontext(decimal.Context(prec=4, rounding=decimal.ROUND_DOWN)):
        assert calcular(regla, hechos(valor)) == esperado
