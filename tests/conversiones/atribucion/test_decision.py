"""To whom a sale belongs: every figure of the rules, and agreement with the oracle."""

from __future__ import annotations

import ast
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import conversiones.atribucion
from conversiones.atribucion import (
    Clic,
    Cupon,
    Decision,
    Hechos,
    Informe,
    Modelo,
    Opciones,
    decidir,
    repartir,
    toques_de,
)
from tests.conversiones.atribucion import oraculo

VENTA = datetime(2026, 3, 1, 12, tzinfo=UTC)
DIAS_30 = timedelta(days=30)
CLIC = Clic("clica", VENTA - timedelta(hours=1), "clic_1")
DADO = Clic("dada", VENTA - timedelta(hours=2), "clic_2")
TODO = Hechos(
    VENTA,
    explicito="nombrada",
    cupones=(Cupon("ANA10", "cuponera"),),
    clics_dados=(DADO,),
    clics=(CLIC,),
)
OPCIONES = Opciones()


def quien(hechos: Hechos, opciones: Opciones = OPCIONES) -> tuple[str | None, str]:
    decision = decidir(hechos, opciones)
    return decision.afiliado, decision.motivo


def razones(decision: Decision) -> list[tuple[str | None, str, str]]:
    return [(c.afiliado, c.por, c.razon) for c in decision.candidatos]


def test_the_order_of_whom_nobody_bound() -> None:
    """Named → coupon → click that is named → click of the visitor → nobody."""
    orden = [("nombrada", "explicito"), ("cuponera", "cupon"), ("dada", "clic"), ("clica", "clic")]
    impedidos: dict[str, str] = {}
    for afiliado, por in orden:
        assert quien(TODO._replace(impedidos=dict(impedidos))) == (afiliado, por)
        impedidos[afiliado] = "no_activo"
    nadie = decidir(TODO._replace(impedidos=impedidos), OPCIONES)
    assert (nadie.afiliado, nadie.motivo) == (None, "ninguno")
    assert {razon for _a, _p, razon in razones(nadie)} == {"no_activo"}
    assert decidir(Hechos(VENTA), OPCIONES) == (None, "ninguno", (), "")


def test_every_candidate_says_why() -> None:
    decision = decidir(TODO._replace(impedidos={"nombrada": "no_inscrito"}), OPCIONES)
    assert razones(decision) == [
        ("nombrada", "explicito", "no_inscrito"),
        ("cuponera", "cupon", "elegido"),
        ("dada", "clic", "va_despues"),
        ("clica", "clic", "va_despues"),
    ]
    assert [c.gana for c in decision.candidatos] == [False, True, False, False]
    assert decision.dato == "ANA10"


def test_a_binding_wins_and_a_coupon_only_where_the_campaign_says_so() -> None:
    vinculada = TODO._replace(vinculo="dueña")
    assert quien(vinculada) == ("dueña", "vinculo")
    assert quien(vinculada, Opciones(cupon_reasigna=True)) == ("cuponera", "cupon")
    sin_cupon = vinculada._replace(cupones=())
    assert quien(sin_cupon, Opciones(cupon_reasigna=True)) == ("dueña", "vinculo")
    # Who may not earn gives way, bound or not.
    assert quien(vinculada._replace(impedidos={"dueña": "no_activo"})) == ("nombrada", "explicito")


def test_a_binding_knows_no_window() -> None:
    vieja = Hechos(VENTA + timedelta(days=4000), vinculo="dueña", clics=(CLIC,))
    assert quien(vieja) == ("dueña", "vinculo")


def test_of_two_coupons_the_first_of_the_list() -> None:
    dos = (Cupon("A", "una"), Cupon("B", "otra"))
    assert quien(Hechos(VENTA, cupones=dos)) == ("una", "cupon")
    assert quien(Hechos(VENTA, cupones=dos[::-1])) == ("otra", "cupon")
    assert quien(Hechos(VENTA, cupones=dos, impedidos={"una": "no_activo"})) == ("otra", "cupon")
    nadie = decidir(Hechos(VENTA, cupones=(Cupon("X", None), *dos)), OPCIONES)
    assert razones(nadie)[0] == (None, "cupon", "desconocido")
    assert nadie.afiliado == "una"


def test_a_coupon_and_a_link_of_one_affiliate_are_one() -> None:
    decision = decidir(
        Hechos(VENTA, cupones=(Cupon("A", "una"),), clics=(Clic("una", VENTA, "c"),)), OPCIONES
    )
    assert (decision.afiliado, decision.motivo) == ("una", "cupon")
    assert sum(c.gana for c in decision.candidatos) == 1


@pytest.mark.parametrize(
    ("hace", "cuenta"),
    [
        (timedelta(), ""),
        (timedelta(seconds=2_592_000), ""),
        (timedelta(seconds=2_592_000, microseconds=1), "fuera_de_ventana"),
        (timedelta(seconds=2_592_001), "fuera_de_ventana"),
        (timedelta(microseconds=-1), "clic_posterior"),
        (timedelta(seconds=-1), "clic_posterior"),
    ],
)
@pytest.mark.parametrize("lugar", ["clics", "clics_dados"])
def test_the_window_is_inclusive_in_seconds(hace: timedelta, cuenta: str, lugar: str) -> None:
    """0 ≤ sale − click ≤ 30 × 86,400, whatever the zone in which the click is written."""
    momento = (VENTA - hace).astimezone(UTC)
    decision = decidir(Hechos(VENTA)._replace(**{lugar: (Clic("una", momento, "c"),)}), OPCIONES)
    assert decision.afiliado == (None if cuenta else "una")
    assert decision.candidatos[0].razon == (cuenta or "elegido")


def test_an_affiliate_may_have_its_own_window() -> None:
    hace_8 = Clic("una", VENTA - timedelta(days=8), "c")
    corta = {"una": timedelta(days=7)}
    assert quien(Hechos(VENTA, clics=(hace_8,), ventanas=corta)) == (None, "ninguno")
    assert quien(Hechos(VENTA, clics=(hace_8._replace(afiliado="otra"),), ventanas=corta))[0]


def test_last_click_unless_the_campaign_takes_the_first() -> None:
    clics = tuple(Clic(f"af_{n}", VENTA - timedelta(days=n), f"c{n}") for n in (3, 1, 2))
    ultimo = decidir(Hechos(VENTA, clics=clics), OPCIONES)
    assert (ultimo.afiliado, ultimo.dato) == ("af_1", "c1")
    assert razones(ultimo)[1:] == [("af_2", "clic", "otro_clic"), ("af_3", "clic", "otro_clic")]
    assert quien(Hechos(VENTA, clics=clics), Opciones(Modelo.PRIMERO)) == ("af_3", "clic")
    # The first one that counts: 31 days ago is no first click.
    vieja = Clic("vieja", VENTA - timedelta(days=31), "c0")
    assert quien(Hechos(VENTA, clics=(*clics, vieja)), Opciones(Modelo.PRIMERO))[0] == "af_3"


def test_what_is_no_click_of_the_campaign() -> None:
    clics = (
        Clic("robot", VENTA, "c1", descartado="robot"),
        Clic("ajena", VENTA, "c2", campana="camp_2"),
        Clic("propia", VENTA - timedelta(days=1), "c3", campana="camp_1"),
    )
    decision = decidir(Hechos(VENTA, clics=clics), Opciones(campana="camp_1"))
    assert decision.afiliado == "propia"
    assert {(a, r) for a, _p, r in razones(decision)} == {
        ("robot", "clic_descartado"), ("ajena", "otra_campana"), ("propia", "elegido"),
    }  # fmt: skip


def test_a_click_that_nobody_knows_gives_way() -> None:
    decision = decidir(
        Hechos(VENTA, clics_dados=(Clic(None, None, "clic_x"),), clics=(CLIC,)), OPCIONES
    )
    assert razones(decision) == [(None, "clic", "desconocido"), ("clica", "clic", "elegido")]


def test_a_click_that_is_named_is_not_told_twice() -> None:
    decision = decidir(Hechos(VENTA, clics_dados=(DADO,), clics=(DADO, CLIC)), OPCIONES)
    assert [c.dato for c in decision.candidatos] == ["clic_2", "clic_1"]


AFILIADOS = st.sampled_from(["a", "b", "c", "d"])
INSTANTES = st.one_of(
    st.timedeltas(timedelta(days=-2), timedelta(days=33)),
    st.sampled_from([timedelta(), DIAS_30, timedelta(days=7), DIAS_30 + timedelta(seconds=1)]),
).map(lambda hace: VENTA - hace)
CLICS = st.builds(
    Clic,
    AFILIADOS,
    INSTANTES,
    st.uuids().map(str),
    st.sampled_from(["", "camp_1", "camp_2"]),
    st.sampled_from(["", "", "robot"]),
)
VARIOS = st.lists(CLICS, max_size=6, unique_by=lambda c: c.id).map(tuple)
HECHOS = st.builds(
    Hechos,
    st.just(VENTA),
    st.none() | AFILIADOS,
    st.none() | AFILIADOS,
    st.lists(st.builds(Cupon, st.just("X"), st.none() | AFILIADOS), max_size=3).map(tuple),
    st.lists(CLICS | st.just(Clic(None, None, "x")), max_size=2).map(tuple),
    VARIOS,
    st.dictionaries(AFILIADOS, st.sampled_from(["no_activo", "no_inscrito"]), max_size=2),
    st.dictionaries(AFILIADOS, st.just(timedelta(days=5)), max_size=1),
)
ELEGIDAS = st.builds(
    Opciones, st.sampled_from(Modelo), st.just(DIAS_30), st.booleans(), st.just("camp_1")
)


@given(HECHOS, ELEGIDAS, st.randoms(use_true_random=False))
def test_the_oracle_agrees_however_clicks_arrive(hechos, opciones, azar) -> None:
    decision = decidir(hechos, opciones)
    assert (decision.afiliado, decision.motivo) == oraculo.gana(hechos, opciones)
    assert sum(c.gana for c in decision.candidatos) == (decision.afiliado is not None)
    revueltos = list(hechos.clics)
    azar.shuffle(revueltos)
    assert decidir(hechos._replace(clics=tuple(revueltos)), opciones) == decision


MONTOS = st.one_of(
    st.tuples(st.integers(0, 10**9).map(lambda n: Decimal(n).scaleb(-2)), st.just("USD")),
    st.tuples(st.integers(0, 10**5).map(Decimal), st.just("JPY")),
    st.tuples(st.integers(0, 10**6).map(lambda n: Decimal(n).scaleb(-3)), st.just("KWD")),
)


@given(MONTOS, HECHOS, ELEGIDAS)
def test_the_report_adds_up_and_the_oracle_agrees(dinero, hechos, opciones) -> None:
    monto, moneda = dinero
    informe = repartir(monto, moneda, toques_de(hechos, opciones))
    for modelo, partes in informe.items():
        assert dict(partes) == oraculo.informe(modelo, monto, moneda, hechos, opciones)
        assert not partes or sum(m for _a, m in partes) == monto
    assert set(informe) == set(Informe)


def partes(modelo: Informe, monto: str, moneda: str, *hace: timedelta) -> list[tuple[str, str]]:
    """What is credited to a, b, c…, in the order in which their touches are given."""
    clics = tuple(Clic("abcdef"[n], VENTA - h, f"c{n}") for n, h in enumerate(hace))
    reparto = repartir(Decimal(monto), moneda, toques_de(Hechos(VENTA, clics=clics), OPCIONES))
    return [(afiliado, f"{parte:f}") for afiliado, parte in reparto[modelo]]


def dias(*numeros: float) -> tuple[timedelta, ...]:
    return tuple(timedelta(days=n) for n in numeros)


def test_the_figures_of_the_report() -> None:
    assert partes(Informe.LINEAL, "100.00", "USD", *dias(3, 2, 1)) == [
        ("a", "33.34"), ("b", "33.33"), ("c", "33.33"),
    ]  # fmt: skip
    assert partes(Informe.LINEAL, "0.01", "USD", *dias(1, 2)) == [("b", "0.01"), ("a", "0.00")]
    assert partes(Informe.LINEAL, "100", "JPY", *dias(3, 2, 1))[0] == ("a", "34")
    assert partes(Informe.LINEAL, "0.100", "KWD", *dias(3, 2, 1))[0] == ("a", "0.034")
    # A half-life apart: 1/3 and 2/3.
    assert partes(Informe.DECAIMIENTO, "30.00", "USD", *dias(7, 0)) == [
        ("a", "10.00"), ("b", "20.00"),
    ]  # fmt: skip
    assert partes(Informe.DECAIMIENTO, "70.00", "USD", *dias(14, 7, 0)) == [
        ("a", "10.00"), ("b", "20.00"), ("c", "40.00"),
    ]  # fmt: skip
    assert partes(Informe.POSICION, "100.00", "USD", *dias(4, 3, 2, 1)) == [
        ("a", "40.00"), ("b", "10.00"), ("c", "10.00"), ("d", "40.00"),
    ]  # fmt: skip
    assert partes(Informe.POSICION, "10.01", "USD", *dias(2, 1)) == [("a", "5.01"), ("b", "5.00")]
    for modelo in Informe:
        assert partes(modelo, "9.99", "USD", timedelta(1)) == [("a", "9.99")]
        assert partes(modelo, "9.99", "USD") == []


def test_one_touch_for_each_its_last() -> None:
    clics = tuple(
        Clic(quien, VENTA - timedelta(days=n), f"c{n}")
        for quien, n in [("a", 9), ("b", 5), ("a", 1)]
    )
    reparto = repartir(Decimal("10.01"), "USD", toques_de(Hechos(VENTA, clics=clics), OPCIONES))
    assert reparto[Informe.LINEAL] == [("b", Decimal("5.01")), ("a", Decimal("5.00"))]
    # Last and first click are what a campaign with that model credits.
    assert reparto[Informe.ULTIMO] == [("a", Decimal("10.01"))]
    assert reparto[Informe.PRIMERO] == [("a", Decimal("10.01"))]


def test_a_cent_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match="moneda"):
        repartir(Decimal("0.001"), "USD", [])


@pytest.mark.parametrize(
    "archivo",
    sorted(Path(conversiones.atribucion.__file__).parent.glob("*.py")),
    ids=lambda ruta: ruta.stem,
)
def test_pure(archivo: Path) -> None:
    """No clock, no I/O, no float, and nothing of the rest but money."""
    for nodo in ast.walk(ast.parse(archivo.read_text())):
        if isinstance(nodo, ast.ImportFrom) and "." in str(nodo.module):
            assert str(nodo.module).startswith("conversiones.atribucion.") or nodo.module in {
                "alpespartner.comun.dinero", "collections.abc",
            }  # fmt: skip
        assert not (isinstance(nodo, ast.Constant) and isinstance(nodo.value, float))
        if isinstance(nodo, ast.Attribute):
            assert nodo.attr not in {"now", "utcnow", "today", "time"}
