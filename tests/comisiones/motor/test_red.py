"""Network: chains, cycles, suspended ancestors, the cap."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comisiones.motor.calculo import calcular
from comisiones.motor.errores import CicloEnRed, RedInvalida
from comisiones.motor.red import (
    Ascendiente,
    Red,
    Suspendido,
    ascendientes,
    comprobar_referente,
    comprobar_sin_ciclos,
    repartir,
    validar_red,
)
from tests.comisiones.motor import oraculo
from tests.comisiones.motor.fabrica import hechos, montos, terminos

D = Decimal
DIEZ_CINCO = Red((D(10), D(5)))
VENTA = terminos(tipo="porcentual", porcentaje="20")
CADENA = [Ascendiente("b"), Ascendiente("c"), Ascendiente("d")]


def pagos(red: Red, cadena: list[Ascendiente], valor: str = "99.95") -> list[tuple[int, str, str]]:
    return [
        (pago.nivel, pago.afiliado, str(pago.resultado.monto))
        for pago in repartir(red, cadena, VENTA, hechos(valor))
    ]


def test_each_level_has_its_percentage() -> None:
    assert pagos(DIEZ_CINCO, CADENA) == [(2, "b", "10.00"), (3, "c", "5.00")]
    assert pagos(DIEZ_CINCO, CADENA[:1]) == [(2, "b", "10.00")]
    assert pagos(DIEZ_CINCO, []) == []
    assert pagos(Red(()), CADENA) == []


def test_a_suspended_ancestor_is_skipped_or_compressed() -> None:
    cadena = [Ascendiente("b", False), *CADENA[1:]]
    assert pagos(DIEZ_CINCO, cadena) == [(3, "c", "5.00")]
    comprimida = Red((D(10), D(5)), suspendido=Suspendido.COMPRIMIR)
    assert pagos(comprimida, cadena) == [(2, "c", "10.00"), (3, "d", "5.00")]


def test_the_network_shares_the_base_of_the_sale() -> None:
    neta = terminos(tipo="fija", monto_fijo="1", base="neto", excluye=["impuesto"])
    venta = hechos("119.00", impuesto=D("19"), envio=D("10"))
    assert [p.resultado.base for p in repartir(DIEZ_CINCO, CADENA, neta, venta)] == [100, 100]


def test_levels_with_a_rule_of_their_own_are_left_out() -> None:
    pagadas = repartir(DIEZ_CINCO, CADENA, VENTA, hechos("100.00"), saltar={2})
    assert [(p.nivel, p.resultado.monto) for p in pagadas] == [(3, D("5.00"))]


def test_rounding_does_not_pass_the_cap() -> None:
    # 0.05 at 10 % is half a cent: three of them would be 0.03, and 30 % of 0.05 is 0.015.
    red = Red((D(10), D(10), D(10)), tope=D(30))
    assert pagos(red, CADENA, "0.05") == [(2, "b", "0.01"), (3, "c", "0.01"), (4, "d", "0.00")]


@pytest.mark.parametrize(
    ("red", "motivo"),
    [
        (Red((D(60), D(41))), "suman 101 %"),
        (Red((D(10), D(5)), tope=D("14.99")), "suman 15 % y el tope de la red es 14.99 %"),
        (Red((D(-1),)), "entre 0 y 100"),
        (Red((D(101),)), "entre 0 y 100"),
        (Red((), tope=D(101)), "entre 0 y 100"),
    ],
)
def test_networks_refused(red: Red, motivo: str) -> None:
    with pytest.raises(RedInvalida, match=motivo):
        validar_red(red)


def test_networks_accepted() -> None:
    validar_red(Red((D(10), D(5)), tope=D(15)))
    validar_red(Red(()))


def test_chains() -> None:
    referentes = {"a": "b", "b": "c", "c": "d"}
    assert ascendientes("a", referentes) == ("b", "c", "d")
    assert ascendientes("a", referentes, 2) == ("b", "c")
    assert ascendientes("d", referentes) == ()
    comprobar_sin_ciclos(referentes)


@pytest.mark.parametrize(
    "referentes", [{"a": "a"}, {"a": "b", "b": "a"}, {"x": "a", "a": "b", "b": "c", "c": "a"}]
)
def test_cycles_are_refused(referentes: dict[str, str]) -> None:
    with pytest.raises(CicloEnRed) as error:
        comprobar_sin_ciclos(referentes)
    assert error.value.afiliado in {"a", "b", "c"}
    with pytest.raises(CicloEnRed):
        ascendientes(next(iter(referentes)), referentes)


@pytest.mark.parametrize(("afiliado", "referente"), [("a", "a"), ("c", "a"), ("b", "a")])
def test_a_referrer_that_closes_a_cycle_is_refused(afiliado: str, referente: str) -> None:
    with pytest.raises(CicloEnRed) as error:
        comprobar_referente(afiliado, referente, {"a": "b", "b": "c"})
    assert error.value.afiliado == afiliado
    assert str(error.value) == (
        f"«{afiliado}» no puede tener por referente a «{referente}»: es un ciclo."
    )


def test_a_good_referrer() -> None:
    comprobar_referente("c", "d", {"a": "b", "b": "c"})
    comprobar_referente("d", "a", {"a": "b", "b": "c"})


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.integers(0, 2500), max_size=4),
    montos(100_000),
    st.lists(st.booleans(), max_size=6),
    st.sampled_from(Suspendido),
)
def test_the_total_stays_under_the_cap_and_replays(
    tasas: list[int], valor: Decimal, activos: list[bool], suspendido: Suspendido
) -> None:
    porcentajes = tuple(D(tasa).scaleb(-2) for tasa in tasas)
    red = Red(porcentajes, tope=sum(porcentajes, D(0)), suspendido=suspendido)
    validar_red(red)
    venta = hechos(str(valor))
    cadena = [Ascendiente(str(i), activo) for i, activo in enumerate(activos)]
    pagadas = repartir(red, cadena, VENTA, venta)
    limite = oraculo.redondear(Fraction(valor) * Fraction(red.tope) / 100, 2)
    assert sum(Fraction(p.resultado.monto) for p in pagadas) <= limite
    for pago in pagadas:
        assert activos[int(pago.afiliado)]
        assert calcular(pago.terminos, venta) == pago.resultado
        exacto = Fraction(valor) * Fraction(porcentajes[pago.nivel - 2]) / 100
        assert Fraction(pago.resultado.monto) <= oraculo.redondear(exacto, 2)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.integers(0, 8).map(str), st.integers(0, 8).map(str)))
def test_cycles_found_are_the_cycles_there_are(referentes: dict[str, str]) -> None:
    def vuelve(inicio: str) -> bool:
        actual: str | None = inicio
        for _ in range(len(referentes) + 1):
            actual = referentes.get(actual) if actual is not None else None
        return actual is not None

    hay_ciclo = any(vuelve(afiliado) for afiliado in referentes)
    try:
        comprobar_sin_ciclos(referentes)
    except CicloEnRed:
        assert hay_ciclo
    else:
        assert not hay_ciclo
