"""Which rule wins and what it inherits."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comisiones.motor.errores import HechosInvalidos
from comisiones.motor.precedencia import heredar, ordenar, rango, resolver
from comisiones.motor.tipos import Alcance, Hechos, Terminos, VersionRegla
from tests.comisiones.motor.fabrica import hechos, terminos

VENTA = hechos(
    "100.00",
    afiliado="af_1",
    tipo_afiliado="premium",
    producto="p_1",
    campana="camp_1",
    cupon="VERANO",
    enlace="enl_1",
)
DIEZ = terminos(tipo="porcentual", porcentaje="10")


def version(regla: str, alcance: Alcance | None = None, **otros: Any) -> VersionRegla:
    otros.setdefault("version", 1)
    otros.setdefault("terminos", DIEZ)
    return VersionRegla(regla=regla, alcance=alcance or Alcance(), **otros)


ORDEN = [
    version("cupon", Alcance(cupon="VERANO")),
    version("afiliado", Alcance(afiliado="af_1")),
    version("afiliado-producto", Alcance(afiliado="af_1", producto="p_1")),
    version("producto", Alcance(producto="p_1")),
    version("tipo", Alcance(tipo_afiliado="premium")),
    version("campana", Alcance(campana="camp_1")),
    version("general"),
]


def test_order_of_precedence() -> None:
    assert [rango(v.alcance) for v in ORDEN] == list(range(7))
    for primera, segunda in itertools.combinations(ORDEN, 2):
        for par in ([primera, segunda], [segunda, primera]):
            ganadora = resolver(par, VENTA)
            assert ganadora is not None
            assert ganadora.version is primera


def test_a_link_is_as_good_as_a_coupon_and_a_priority_decides() -> None:
    enlace = version("enlace", Alcance(enlace="enl_1"), prioridad=1)
    ganadora = resolver([ORDEN[0], enlace], VENTA)
    assert ganadora is not None
    assert ganadora.version is enlace


@pytest.mark.parametrize(
    "alcance",
    [
        Alcance(cupon="OTRO"),
        Alcance(enlace="enl_2"),
        Alcance(afiliado="af_2"),
        Alcance(producto="p_2"),
        Alcance(tipo_afiliado="estandar"),
        Alcance(campana="camp_2"),
        Alcance(afiliado="af_1", producto="p_2"),
        Alcance(afiliado="af_1", campana="camp_2"),
    ],
)
def test_every_condition_must_hold(alcance: Alcance) -> None:
    assert resolver([version("otra", alcance)], VENTA) is None


def test_priority_then_newest_then_name() -> None:
    vieja = version("a", vigente_desde=datetime(2026, 1, 1, tzinfo=UTC))
    nueva = version("b", vigente_desde=datetime(2026, 2, 1, tzinfo=UTC))
    segunda = version("c", vigente_desde=datetime(2026, 2, 1, tzinfo=UTC), version=2)
    preferida = version("d", prioridad=1)
    gemela = version("e", prioridad=1)
    orden = [v.regla for v in ordenar([vieja, nueva, segunda, preferida, gemela])]
    assert orden == ["e", "d", "c", "b", "a"]


def test_a_version_applies_to_what_occurred_within_it() -> None:
    desde, hasta = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    regla = version("a", vigente_desde=desde, vigente_hasta=hasta)
    for instante, aplica in (
        (desde, True),
        (hasta, False),
        (datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC), True),
    ):
        assert (resolver([regla], replace(VENTA, ocurrida_en=instante)) is not None) is aplica
    with pytest.raises(HechosInvalidos):
        resolver([regla], replace(VENTA, ocurrida_en=datetime(2026, 3, 2)))  # noqa: DTZ001


def test_a_rule_is_for_its_network_level() -> None:
    segunda = version("nivel-2", nivel=2)
    assert resolver([segunda], VENTA) is None
    ganadora = resolver([segunda, ORDEN[-1]], VENTA, 2)
    assert ganadora is not None
    assert ganadora.version is segunda


def test_null_inherits_and_zero_is_zero() -> None:
    especial = version("especial", Alcance(afiliado="af_1"), terminos=terminos(porcentaje="0"))
    campana = version("campana", Alcance(campana="camp_1"), terminos=terminos(tope="5.00"))
    general = version(
        "general",
        version=3,
        terminos=terminos(tipo="porcentual", porcentaje="10", tope="9.00", minimo="1.00"),
    )
    resuelta = resolver([general, campana, especial], VENTA)
    assert resuelta is not None
    efectivos = resuelta.terminos
    assert (efectivos.porcentaje, efectivos.tope, efectivos.minimo) == (
        0,
        Decimal("5.00"),
        Decimal("1.00"),
    )
    assert resuelta.origenes == (
        ("tipo", "general", 3),
        ("minimo", "general", 3),
        ("tope", "campana", 1),
    )


def test_only_the_version_in_force_is_heard() -> None:
    primera = version("general", terminos=terminos(tipo="porcentual", porcentaje="1", tope="1"))
    segunda = version("general", version=2, terminos=terminos(tipo="porcentual", porcentaje="2"))
    resuelta = resolver([primera, segunda], VENTA)
    assert resuelta is not None
    assert (resuelta.version, resuelta.terminos.tope) == (segunda, None)


def test_amounts_of_another_currency_are_not_inherited() -> None:
    general = version("general", terminos=terminos(tipo="porcentual", porcentaje="10", tope="9"))
    en_euros = version(
        "eur", Alcance(afiliado="af_1"), terminos=terminos(moneda="EUR", minimo="1.00")
    )
    resuelta = resolver([general, en_euros], replace(VENTA, moneda="EUR"))
    assert resuelta is not None
    assert (resuelta.terminos.porcentaje, resuelta.terminos.tope) == (10, None)
    sin_moneda = version("pct", Alcance(afiliado="af_1"), terminos=Terminos(porcentaje=Decimal(3)))
    resuelta = resolver([general, sin_moneda], replace(VENTA, moneda="EUR"))
    assert resuelta is not None
    assert (resuelta.terminos.moneda, resuelta.terminos.tope) == (None, None)
    resuelta = resolver([general, sin_moneda], VENTA)
    assert resuelta is not None
    assert (resuelta.terminos.moneda, resuelta.terminos.tope) == ("USD", 9)


def test_nothing_to_inherit_keeps_the_terms() -> None:
    assert heredar([ORDEN[-1]]).terminos is DIEZ


OPCIONAL = st.sampled_from([None, "x", "y"])
ALCANCES = st.builds(Alcance, OPCIONAL, OPCIONAL, OPCIONAL, OPCIONAL, OPCIONAL, OPCIONAL)
CANDIDATAS = st.lists(
    st.builds(
        lambda regla, version, alcance, prioridad, porcentaje: VersionRegla(
            regla, version, Terminos(porcentaje=porcentaje), alcance, 1, prioridad
        ),
        st.sampled_from("abcdef"),
        st.integers(1, 3),
        ALCANCES,
        st.integers(-1, 1),
        st.sampled_from([None, Decimal(0), Decimal(5)]),
    ),
    unique_by=lambda v: (v.regla, v.version),
    max_size=8,
)


def puntos(v: VersionRegla) -> tuple[Any, ...]:
    """The order of design.md, written again as one number per condition."""
    a = v.alcance
    clase = (
        6
        if a.cupon or a.enlace
        else 5
        if a.afiliado and not a.producto
        else 4
        if a.afiliado
        else 3
        if a.producto
        else 2
        if a.tipo_afiliado
        else 1
        if a.campana
        else 0
    )
    return (clase, v.prioridad, v.version, v.regla)


@pytest.mark.lento
@settings(max_examples=200, deadline=None)
@given(CANDIDATAS, st.randoms(use_true_random=False))
def test_agrees_with_a_brute_force_choice(lista: list[VersionRegla], azar: random.Random) -> None:
    venta = Hechos(
        Decimal(1),
        "USD",
        VENTA.ocurrida_en,
        1,
        Decimal(0),
        Decimal(0),
        Decimal(0),
        "",
        "x",
        "x",
        "x",
        "x",
        "x",
        "x",
    )
    aplicables = [
        v
        for v in lista
        if all(getattr(v.alcance, c) in (None, "x") for c in Alcance.__dataclass_fields__)
    ]
    ultimas = [
        v
        for v in aplicables
        if v.version == max(otra.version for otra in aplicables if otra.regla == v.regla)
    ]
    ultimas.sort(key=puntos, reverse=True)
    resuelta = resolver(lista, venta)
    if not ultimas:
        assert resuelta is None
        return
    assert resuelta is not None
    assert resuelta.version == ultimas[0]
    tasas = [v.terminos.porcentaje for v in ultimas if v.terminos.porcentaje is not None]
    assert resuelta.terminos.porcentaje == (tasas[0] if tasas else None)
    barajada = list(lista)
    azar.shuffle(barajada)
    assert resolver(barajada, venta) == resuelta
