"""The trace in plain words, and the record that replays a commission."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comisiones.motor.calculo import calcular
from comisiones.motor.congelado import (
    a_json,
    acumulado_de,
    alcance_de,
    congelar,
    discrepancias,
    hechos_congelados,
    recalcular,
    terminos_de,
    traza_de,
)
from comisiones.motor.errores import CongeladoInvalido
from comisiones.motor.explicacion import CODIGOS, explicar, explicar_traza, monto_es
from comisiones.motor.tipos import Acumulado, Alcance, Hechos
from tests.comisiones.motor.fabrica import DIEZ_QUINCE, hechos, ordenes, reglas, terminos

D = Decimal


def frases(datos: dict[str, Any], previo: Acumulado | None = None, **hecho: Any) -> list[str]:
    return list(explicar(calcular(terminos(**datos), hechos(**hecho), previo)))


def test_a_percentage() -> None:
    assert frases({"tipo": "porcentual", "porcentaje": "15"}, valor="1000.00") == [
        "La base es el valor de la conversión: 1\xa0000,00 USD.",
        "15 % de 1\xa0000,00 USD = 150,00 USD.",
        "Comisión: 150,00 USD.",
    ]


def test_a_rounding_is_told() -> None:
    assert frases({"tipo": "porcentual", "porcentaje": "2.90"}, valor="5.00")[-2:] == [
        "2,9 % de 5,00 USD = 0,145 USD.",
        "Comisión: 0,145 USD, redondeada a la unidad mínima, 0,15 USD.",
    ]


def test_everything_at_once() -> None:
    datos = {
        "tipo": "mixta",
        "porcentaje": "10",
        "monto_fijo": "0.50",
        "por": "item",
        "base": "neto",
        "multiplicadores": [["oro", "1.25"]],
        "tope": "13.00",
        "topes_gasto": [{"ambito": "campana", "periodo": "mes", "monto": "1000.00"}],
    }
    previo = Acumulado(gastado=(D("990.00"),))
    assert frases(
        datos, previo, valor="119.00", impuesto=D("19"), cantidad=2, nivel_afiliado="oro"
    ) == [
        "La base es neta: 119,00 USD \N{MINUS SIGN} 19,00 USD de impuestos \N{MINUS SIGN}"
        " 0,00 USD de envío \N{MINUS SIGN} 0,00 USD de descuentos = 100,00 USD.",
        "10 % de 100,00 USD = 10,00 USD.",
        "2 artículos a 0,50 USD = 1,00 USD.",
        "Nivel oro: 11,00 USD \N{MULTIPLICATION SIGN} 1,25 = 13,75 USD.",
        "Pasa del tope: baja de 13,75 USD a 13,00 USD.",
        "Tope de gasto de la campaña en el mes: de 1\xa0000,00 USD ya se gastaron 990,00 USD;"
        " baja de 13,00 USD a 10,00 USD.",
        "Comisión: 10,00 USD.",
    ]


def test_tiers_over_a_period() -> None:
    datos = {"tipo": "escalonada", "periodo": "mes", "tramos": DIEZ_QUINCE}
    assert frases(datos, Acumulado(D("900"), 3, 2, D("90")), valor="300.00") == [
        "La base es el valor de la conversión: 300,00 USD.",
        "Antes de esta orden el periodo suma 900,00 USD de base, 2 órdenes y 3 artículos.",
        "Tramo hasta 1\xa0000,00 USD: 10 % de 100,00 USD = 10,00 USD.",
        "Tramo más de 1\xa0000,00 USD: 15 % de 200,00 USD = 30,00 USD.",
        "Comisión del periodo con esta orden, 130,00 USD, menos la de antes, 90,00 USD"
        " = 40,00 USD.",
        "Comisión: 40,00 USD.",
    ]
    datos["modo"] = "completa"
    assert frases(datos, Acumulado(D("900"), 3, 2, D("90")), valor="300.00")[2:5] == [
        "Se alcanza el tramo más de 1\xa0000,00 USD: 15 % de 1\xa0200,00 USD = 180,00 USD.",
        "Se descuenta lo que el periodo ya sumaba antes: 10 % de 900,00 USD = 90,00 USD.",
        "Comisión del periodo con esta orden, 180,00 USD, menos la de antes, 90,00 USD"
        " = 90,00 USD.",
    ]


@pytest.mark.parametrize(
    ("texto", "moneda", "esperado"),
    [
        ("1234567.5", "USD", "1\xa0234\xa0567,50 USD"),
        ("1234567", "JPY", "1\xa0234\xa0567 JPY"),
        ("0", "KWD", "0,000 KWD"),
        ("-1234.5", "USD", "-1\xa0234,50 USD"),
        ("0.333333333333", "USD", "aprox. 0,333333 USD"),
        ("1E+3", "USD", "1\xa0000,00 USD"),
    ],
)
def test_amounts(texto: str, moneda: str, esperado: str) -> None:
    assert monto_es(texto, moneda) == esperado


@pytest.mark.lento
@settings(max_examples=150, deadline=None)
@given(st.data(), reglas())
def test_every_trace_can_be_told(datos: st.DataObject, regla: dict[str, Any]) -> None:
    efectivos = terminos(**regla, minimo="1.00", tope="20.00", multiplicadores=[["", "1.1"]])
    previo = None
    for orden in datos.draw(st.lists(ordenes(), min_size=1, max_size=3)):
        resultado = calcular(efectivos, orden, previo)
        previo = resultado.acumulado
        assert {paso.codigo for paso in resultado.traza} <= set(CODIGOS)
        assert len(explicar(resultado)) == len(resultado.traza)
        guardada = json.loads(json.dumps(a_json(resultado.traza)))
        assert traza_de(guardada) == resultado.traza
        assert explicar_traza(traza_de(guardada), "USD") == explicar(resultado)


REGLA = terminos(
    tipo="escalonada",
    periodo="mes",
    metrica="valor",
    zona_horaria="America/Bogota",
    tramos=DIEZ_QUINCE,
    multiplicadores=[["oro", "1.25"]],
    topes_gasto=[{"ambito": "afiliado", "periodo": "dia", "monto": "10.00"}],
    base="neto",
    excluye=["envio"],
)
PREVIO = Acumulado(D("900"), 2, 2, D("90"), (D("3"),))
VENTA = hechos("300.00", envio=D("4.50"), nivel_afiliado="oro", afiliado="af_1", producto="p")


def congelada() -> dict[str, Any]:
    registro = congelar(REGLA, VENTA, PREVIO, calcular(REGLA, VENTA, PREVIO))
    copia: dict[str, Any] = json.loads(json.dumps(registro))
    return copia


def test_inputs_come_back_as_they_were() -> None:
    registro = congelada()
    assert terminos_de(registro["terminos"]) == REGLA
    assert hechos_congelados(registro["hechos"]) == VENTA
    assert acumulado_de(registro["acumulado"]) == PREVIO
    assert recalcular(registro) == calcular(REGLA, VENTA, PREVIO)
    assert alcance_de({"cupon": "X", "afiliado": None}) == Alcance(cupon="X")
    assert discrepancias(registro) == ()


@pytest.mark.parametrize(
    ("ruta", "valor"),
    [
        (("resultado", "monto"), "7.01"),
        (("resultado", "tasa"), "1"),
        (("resultado", "acumulado", "bruto"), "1"),
        (("hechos", "valor"), "300.01"),
        (("terminos", "tramos", 0, "porcentaje"), "11"),
        (("acumulado", "gastado", 0), "2.99"),
        (("traza", 0, "codigo"), "otro"),
        (("traza", 0, "datos", "base"), "1"),
    ],
)
def test_any_change_is_noticed(ruta: tuple[Any, ...], valor: str) -> None:
    registro: Any = congelada()
    lugar = registro
    for clave in ruta[:-1]:
        lugar = lugar[clave]
    lugar[ruta[-1]] = valor
    assert discrepancias(registro)


@pytest.mark.parametrize(
    ("cambios", "motivo"),
    [
        ({"formato": 2}, "Formato"),
        ({"hechos": {}}, "Falta «valor»"),
        ({"hechos": None}, "objeto JSON"),
        ({"terminos": {"tipo": "otra"}}, "«tipo»: se esperaba uno de: porcentual"),
        ({"terminos": {"porcentaje": 1.5}}, "«porcentaje»: Se esperaba un número decimal"),
        ({"terminos": {"porcentaje": True}}, "«porcentaje»"),
        ({"terminos": {"porcentaje": "1e3"}}, "«porcentaje»"),
        ({"terminos": {"porcentage": "1"}}, "desconocido: «porcentage»"),
        ({"terminos": {"tramos": {}}}, "«tramos»: se esperaba una lista"),
        ({"terminos": {"tramos": [{"hasta": "1"}]}}, "«tramos»: Falta «desde»"),
        ({"terminos": {"multiplicadores": ["ab"]}}, "«multiplicadores»"),
        ({"terminos": {"moneda": 5}}, "«moneda»: se esperaba un texto"),
        ({"acumulado": {"cantidad": "1"}}, "«cantidad»: se esperaba un número entero"),
        ({"acumulado": {"cantidad": True}}, "«cantidad»: se esperaba un número entero"),
    ],
)
def test_records_refused(cambios: dict[str, Any], motivo: str) -> None:
    with pytest.raises(CongeladoInvalido, match=motivo):
        recalcular(congelada() | cambios)


def test_naive_times_and_missing_parts_are_refused() -> None:
    registro = congelada()
    registro["hechos"]["ocurrida_en"] = "2026-03-10T12:00:00"
    with pytest.raises(CongeladoInvalido, match="zona horaria"):
        recalcular(registro)
    del registro["acumulado"]
    with pytest.raises(CongeladoInvalido, match="acumulado"):
        recalcular(registro)


def test_only_values_of_the_engine_can_be_frozen() -> None:
    with pytest.raises(TypeError, match="float"):
        a_json(1.5)


def test_exponents_in_the_inputs_do_not_change_the_replay() -> None:
    regla = terminos(tipo="porcentual", porcentaje="15")
    venta = Hechos(D("1E+3"), "USD", VENTA.ocurrida_en)
    registro = congelar(regla, venta, None, calcular(regla, venta))
    assert registro["hechos"]["valor"] == "1000"
    assert discrepancias(registro) == ()
