"""Late and out-of-order orders: what was granted stays, and adjustments put the period right."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comisiones.motor.ajustes import OrdenPeriodo, repasar_periodo
from comisiones.motor.calculo import calcular
from comisiones.motor.errores import HechosInvalidos
from comisiones.motor.tipos import Hechos
from tests.comisiones.motor import oraculo
from tests.comisiones.motor.fabrica import (
    CUANDO,
    DIEZ_QUINCE,
    como_orden,
    hechos,
    ordenes,
    reglas,
    terminos,
)

D = Decimal
MENSUAL = terminos(tipo="escalonada", tramos=DIEZ_QUINCE, periodo="mes")


def orden(nombre: str, valor: str, minuto: int) -> OrdenPeriodo:
    return OrdenPeriodo(nombre, hechos(valor, ocurrida_en=CUANDO + timedelta(minutes=minuto)))


def test_a_late_order_moves_the_ones_after_it() -> None:
    primera, segunda = orden("a", "800.00", 0), orden("b", "400.00", 20)
    tardia = orden("c", "300.00", 10)
    concedidas = {"a": D("80.00"), "b": D("50.00")}  # b: 200 at 10 % and 200 at 15 %
    liquidacion = repasar_periodo(MENSUAL, [segunda, primera, tardia], concedidas)
    assert [(n, r.monto) for n, r in liquidacion.nuevas] == [("c", D("35.00"))]
    assert [(a.id, a.concedido, a.correcto, a.monto) for a in liquidacion.ajustes] == [
        ("b", D("50.00"), D("60.00"), D("10.00"))
    ]
    assert liquidacion.total == D("175.00")
    assert liquidacion.acumulado.valor == D("1500.00")


def test_nothing_to_do() -> None:
    lista = [orden("a", "800.00", 0), orden("b", "400.00", 20)]
    liquidacion = repasar_periodo(MENSUAL, lista, {"a": D("80.00"), "b": D("50.00")})
    assert (liquidacion.nuevas, liquidacion.ajustes) == ((), ())


def test_it_may_start_from_the_state_before_the_late_order() -> None:
    primera, tardia, ultima = (
        orden("a", "800.00", 0),
        orden("b", "300.00", 10),
        orden("c", "400.00", 20),
    )
    inicio = calcular(MENSUAL, primera.hechos).acumulado
    entero = repasar_periodo(MENSUAL, [primera, tardia, ultima], {})
    parcial = repasar_periodo(MENSUAL, [tardia, ultima], {}, inicio=inicio)
    assert parcial.nuevas == entero.nuevas[1:]
    assert parcial.acumulado == entero.acumulado


def test_ties_are_broken_by_id() -> None:
    uno, otro = orden("a", "800.00", 0), orden("b", "400.00", 0)
    assert repasar_periodo(MENSUAL, [otro, uno], {}) == repasar_periodo(MENSUAL, [uno, otro], {})


def test_spending_caps_are_counted_by_window() -> None:
    regla = replace(
        MENSUAL,
        topes_gasto=terminos(
            topes_gasto=[{"ambito": "afiliado", "periodo": "dia", "monto": "50.00"}]
        ).topes_gasto,
    )
    lista = [orden("a", "400.00", 0), orden("b", "400.00", 1), orden("c", "400.00", 60 * 24)]
    liquidacion = repasar_periodo(regla, lista, {})
    # The third starts a new day: 200 at 10 % and 200 at 15 % fit in it exactly.
    assert [r.monto for _, r in liquidacion.nuevas] == [D("40.00"), D("10.00"), D("50.00")]
    ajenos = {(0, "2026-03-10"): D("45.00")}
    liquidacion = repasar_periodo(regla, lista, {"a": D("40.00")}, gastado=ajenos)
    assert [(a.id, a.monto) for a in liquidacion.ajustes] == [("a", D("-35.00"))]


def test_refusals() -> None:
    with pytest.raises(HechosInvalidos, match="repetidas"):
        repasar_periodo(MENSUAL, [orden("a", "1", 0), orden("a", "2", 1)], {})
    with pytest.raises(HechosInvalidos, match="no es del periodo"):
        repasar_periodo(MENSUAL, [orden("a", "1", 0)], {"z": D(1)})
    en_yenes = OrdenPeriodo("b", hechos("1", "JPY"))
    with pytest.raises(HechosInvalidos, match="mezclar"):
        repasar_periodo(MENSUAL, [orden("a", "1", 0), en_yenes], {})


@pytest.mark.lento
@settings(max_examples=150, deadline=None)
@given(
    reglas(periodo=True),
    st.lists(ordenes(), min_size=1, max_size=8),
    st.randoms(use_true_random=False),
    st.booleans(),
)
def test_any_order_of_arrival_ends_at_the_same_amounts(
    regla: dict[str, Any], lista: list[Hechos], azar: random.Random, acotada: bool
) -> None:
    efectivos = terminos(**regla, **({"minimo": "1.00", "tope": "20.00"} if acotada else {}))
    llegada = [OrdenPeriodo(str(n), hecho) for n, hecho in enumerate(lista)]
    azar.shuffle(llegada)
    concedidas: dict[str, Decimal] = {}
    presentes: list[OrdenPeriodo] = []
    for nueva in llegada:
        presentes.append(nueva)
        antes = sum(concedidas.values(), D(0))
        liquidacion = repasar_periodo(efectivos, presentes, concedidas)
        assert [nombre for nombre, _ in liquidacion.nuevas] == [nueva.id]
        movido = sum((ajuste.monto for ajuste in liquidacion.ajustes), D(0))
        assert antes + movido + liquidacion.nuevas[0][1].monto == liquidacion.total
        for ajuste in liquidacion.ajustes:
            assert ajuste.monto == ajuste.correcto - ajuste.concedido != 0
            concedidas[ajuste.id] += ajuste.monto
        concedidas[nueva.id] = liquidacion.nuevas[0][1].monto
    en_orden = sorted(llegada, key=lambda o: (o.hechos.ocurrida_en, o.id))
    directa = repasar_periodo(efectivos, en_orden, {})
    assert concedidas == {nombre: r.monto for nombre, r in directa.nuevas}
    if not acotada:
        junto = oraculo.del_periodo(regla, [como_orden(o.hechos) for o in en_orden])
        assert Fraction(sum(concedidas.values(), D(0))) == oraculo.redondear(junto, 2)
