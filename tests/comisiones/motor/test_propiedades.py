"""Properties that hold for every rule and every order, and agreement with the oracle."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from alpespartner.comun.dinero import CERO, unidad_minima
from comisiones.motor.calculo import calcular
from comisiones.motor.congelado import congelar, discrepancias
from comisiones.motor.tipos import Acumulado, Hechos, Resultado, Terminos
from comisiones.motor.validacion import validar
from tests.comisiones.motor import oraculo
from tests.comisiones.motor.fabrica import (
    EXPONENTES,
    como_orden,
    escalas,
    hechos,
    montos,
    ordenes,
    porcentajes,
    reglas,
    terminos,
)

AMPLIO = settings(max_examples=150, deadline=None)


def plegar(regla: Terminos, lista: list[Hechos]) -> list[Resultado]:
    """Commissions of a period, one after another."""
    resultados: list[Resultado] = []
    previo = None
    for orden in lista:
        resultados.append(calcular(regla, orden, previo))
        previo = resultados[-1].acumulado
    return resultados


@pytest.mark.lento
@AMPLIO
@given(st.data(), reglas(), st.sampled_from(sorted(EXPONENTES)))
def test_agrees_with_the_oracle(datos: st.DataObject, regla: dict[str, Any], moneda: str) -> None:
    if datos.draw(st.booleans()):
        regla["minimo"] = str(datos.draw(montos(50, 0)))
        regla["tope"] = str(Decimal(regla["minimo"]) + datos.draw(montos(100, 0)))
    factor = datos.draw(st.sampled_from(["1", "1.1", "1.25", "2"]))
    efectivos = terminos(**regla, moneda=moneda, multiplicadores=[["oro", factor]])
    validar(efectivos)
    lista = [
        replace(orden, nivel_afiliado="oro")
        for orden in datos.draw(st.lists(ordenes(moneda), min_size=1, max_size=6))
    ]
    simple = regla | {"multiplicador": factor}
    anteriores: list[dict[str, Any]] = []
    for orden, resultado in zip(lista, plegar(efectivos, lista), strict=True):
        esperado = oraculo.comision(simple, anteriores, como_orden(orden), EXPONENTES[moneda])
        assert Fraction(resultado.monto) == esperado
        assert Fraction(resultado.base) == oraculo.base(regla, como_orden(orden))
        assert -int(resultado.monto.as_tuple().exponent) == EXPONENTES[moneda]
        anteriores.append(como_orden(orden))


@pytest.mark.lento
@AMPLIO
@given(reglas(periodo=True), st.lists(ordenes(), min_size=1, max_size=12))
def test_a_period_telescopes(regla: dict[str, Any], lista: list[Hechos]) -> None:
    resultados = plegar(terminos(**regla), lista)
    junto = oraculo.del_periodo(regla, [como_orden(orden) for orden in lista])
    assert sum(Fraction(r.monto) for r in resultados) == oraculo.redondear(junto, 2)
    assert all(r.monto >= 0 for r in resultados)


@pytest.mark.lento
@AMPLIO
@given(escalas(), st.lists(montos(100_000), min_size=2, max_size=8))
def test_splitting_a_sale_in_a_period_changes_nothing(
    escala: list[dict[str, Any]], partes: list[Decimal]
) -> None:
    regla = terminos(tipo="escalonada", tramos=escala, periodo="total")
    en_partes = plegar(regla, [hechos(str(parte)) for parte in partes])
    entera = calcular(regla, hechos(str(sum(partes))))
    assert sum(r.monto for r in en_partes) == entera.monto


@AMPLIO
@given(porcentajes(), montos(), st.sampled_from(sorted(EXPONENTES)))
def test_rounding_stays_within_half_a_minor_unit(
    porcentaje: Decimal, valor: Decimal, moneda: str
) -> None:
    regla = terminos(tipo="porcentual", porcentaje=str(porcentaje))
    resultado = calcular(regla, hechos(str(valor), moneda))
    exacto = Fraction(valor) * Fraction(porcentaje) / 100
    assert Fraction(resultado.exacto) == exacto
    distancia = Fraction(resultado.monto) - exacto
    media = Fraction(unidad_minima(moneda)) / 2
    assert -media < distancia <= media


@AMPLIO
@given(reglas(periodo=False), ordenes(), montos(10_000))
def test_a_larger_sale_never_pays_less(regla: dict[str, Any], orden: Hechos, mas: Decimal) -> None:
    # A scale may go down on purpose; only those that grow are monotone in completa.
    tasas = [Decimal(t["porcentaje"]) for t in regla.get("tramos", [])]
    fijos = [Decimal(t.get("monto_fijo", 0)) for t in regla.get("tramos", [])]
    assume(regla.get("modo") != "completa" or (tasas == sorted(tasas) and fijos == sorted(fijos)))
    efectivos = terminos(**regla)
    mayor = replace(orden, valor=orden.valor + mas)
    assert calcular(efectivos, mayor).monto >= calcular(efectivos, orden).monto


@pytest.mark.lento
@AMPLIO
@given(reglas(), ordenes(), montos(5_000), montos(5_000))
def test_minimum_and_cap_bound_the_commission(
    regla: dict[str, Any], orden: Hechos, uno: Decimal, otro: Decimal
) -> None:
    minimo, tope = sorted([uno, otro])
    resultado = calcular(terminos(**regla, minimo=str(minimo), tope=str(tope)), orden)
    assert resultado.monto <= tope
    assert resultado.monto >= minimo or resultado.exacto == 0
    if resultado.exacto == 0:
        assert resultado.monto == 0


@AMPLIO
@given(reglas(), ordenes(), montos(50_000), montos(50_000))
def test_a_spending_cap_is_never_passed(
    regla: dict[str, Any], orden: Hechos, tope: Decimal, gastado: Decimal
) -> None:
    topes = [{"ambito": "campana", "periodo": "mes", "monto": str(tope)}]
    efectivos = terminos(**regla, topes_gasto=topes)
    monto = calcular(efectivos, orden, Acumulado(gastado=(gastado,))).monto
    assert CERO <= monto <= max(tope - gastado, CERO)


@pytest.mark.lento
@AMPLIO
@given(st.data(), reglas())
def test_frozen_inputs_replay_to_the_last_digit(
    datos: st.DataObject, regla: dict[str, Any]
) -> None:
    efectivos = terminos(**regla)
    previo = None
    for orden in datos.draw(st.lists(ordenes(), min_size=1, max_size=3)):
        resultado = calcular(efectivos, orden, previo)
        congelado = json.loads(json.dumps(congelar(efectivos, orden, previo, resultado)))
        assert discrepancias(congelado) == ()
        previo = resultado.acumulado


@pytest.mark.parametrize("porcentaje", ["0", "10", "33.33333333", "100"])
def test_percent_of_the_largest_amount_is_exact(porcentaje: str) -> None:
    valor = "99999999999.9999"
    resultado = calcular(terminos(tipo="porcentual", porcentaje=porcentaje), hechos(valor, "CLF"))
    assert Fraction(resultado.exacto) == Fraction(valor) * Fraction(porcentaje) / 100
