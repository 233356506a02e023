"""Renewals: until when, how many, and how it is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comisiones.motor import (
    Alcance,
    Ascendiente,
    Red,
    Renovacion,
    Resultado,
    Terminos,
    Tipo,
    VersionRegla,
    calcular,
    congelar,
    discrepancias,
    explicar,
    repartir,
    resolver,
)
from comisiones.motor.congelado import hechos_congelados
from comisiones.motor.errores import CongeladoInvalido, TerminosInvalidos
from comisiones.motor.lineas import de_la_red
from comisiones.motor.renovaciones import VentaDeCliente, en_su_sitio, juzgar, limite
from comisiones.motor.validacion import validar
from tests.comisiones.motor import oraculo_renovaciones as oraculo
from tests.comisiones.motor.fabrica import DIEZ_QUINCE, hechos, terminos

D = Decimal
PRIMERA = datetime(2026, 1, 31, 10, 30, tzinfo=UTC)
DIEZ = {"tipo": "porcentual", "porcentaje": "10"}


def instante(texto: str) -> datetime:
    return datetime.fromisoformat(texto).replace(tzinfo=UTC)


def ganado(datos: dict[str, Any], ocurrida_en: datetime, **renovacion: Any) -> Resultado:
    suya = Renovacion(**{"primera_en": PRIMERA, **renovacion})
    hecho = hechos("100", ocurrida_en=ocurrida_en, renovacion=suya)
    return calcular(terminos(**DIEZ, **datos), hecho)


@pytest.mark.parametrize(
    ("primera", "meses", "hasta"),
    [
        ("2026-01-31T10:30", 1, "2026-02-28T10:30"),
        ("2024-01-31T10:30", 1, "2024-02-29T10:30"),
        ("2024-02-29T00:00", 12, "2025-02-28T00:00"),
        ("2024-02-29T00:00", 48, "2028-02-29T00:00"),
        ("2026-03-31T23:59:59.999999", 1, "2026-04-30T23:59:59.999999"),
        ("2026-12-15T08:00", 1, "2027-01-15T08:00"),
        ("2026-05-05T08:00", 0, "2026-05-05T08:00"),
        ("9999-06-01T00:00", 12, "9999-12-31T23:59:59.999999"),
    ],
)
def test_hasta_cuando(primera: str, meses: int, hasta: str) -> None:
    assert limite(instante(primera), meses) == instante(hasta)


def test_los_meses_son_de_utc() -> None:
    """In Bogotá it is still January; in UTC it is February already."""
    en_bogota = datetime(2026, 1, 31, 23, 0, tzinfo=timezone(timedelta(hours=-5)))
    assert limite(en_bogota, 1) == instante("2026-03-01T04:00")


@given(
    st.integers(0, 4_000 * 366).map(
        lambda n: datetime(1999, 12, 1, tzinfo=UTC) + timedelta(hours=n)
    ),
    st.integers(0, 60),
)
@settings(max_examples=200)
def test_hasta_cuando_segun_el_oraculo(primera: datetime, meses: int) -> None:
    assert limite(primera, meses) == oraculo.limite(primera, meses)


@pytest.mark.parametrize(
    ("datos", "cuando", "renovacion", "monto"),
    [
        ({"duracion_meses": 1}, "2026-02-28T10:29:59.999999", {}, "10"),
        ({"duracion_meses": 1}, "2026-02-28T10:30", {}, "0"),
        ({"duracion_meses": 0}, "2026-01-31T10:30", {}, "0"),
        ({"max_pagos": 6}, "2030-01-01", {"pagos": 5}, "10"),
        ({"max_pagos": 6}, "2030-01-01", {"pagos": 6}, "0"),
        ({"max_pagos": 1}, "2026-02-01", {"pagos": 0}, "10"),
        ({"duracion_meses": 12, "max_pagos": 6}, "2026-02-01", {"pagos": 5}, "10"),
        ({"duracion_meses": 12, "max_pagos": 6}, "2026-02-01", {"pagos": 6}, "0"),
        ({"duracion_meses": 12, "max_pagos": 6}, "2026-02-01", {"fraude": True}, "0"),
        ({"duracion_meses": 1, "minimo": "5"}, "2026-03-01", {}, "0"),
        ({}, "2030-01-01", {"pagos": 99, "fraude": True}, "10"),
    ],
)
def test_lo_que_gana(
    datos: dict[str, Any], cuando: str, renovacion: dict[str, Any], monto: str
) -> None:
    assert ganado(datos, instante(cuando), **renovacion).monto == D(monto)


def test_una_primera_venta_gana_siempre() -> None:
    suyos = terminos(**DIEZ, duracion_meses=0, max_pagos=1)
    assert calcular(suyos, hechos("100")).monto == D(10)


@pytest.mark.parametrize(
    ("datos", "cuando", "renovacion", "frase"),
    [
        (
            {"duracion_meses": 12, "max_pagos": 6}, "2026-06-01", {"pagos": 2},
            "Es una renovación: la primera venta del cliente fue el 31/01/2026. Ganan durante"
            " 12 meses. Es la venta 3 de 6 que ganan.",
        ),
        (
            {"duracion_meses": 12}, "2027-01-31T10:30", {},
            "Fuera de los 12 meses desde la primera venta del cliente, que fue el 31/01/2026.",
        ),
        (
            {"duracion_meses": 1}, "2026-03-01", {},
            "Fuera del mes desde la primera venta del cliente, que fue el 31/01/2026.",
        ),
        (
            {"duracion_meses": 0}, "2026-03-01", {},
            "Solo gana la primera venta del cliente, que fue el 31/01/2026.",
        ),
        (
            {"max_pagos": 6}, "2026-03-01", {"pagos": 6},
            "Ya ganaron 6 ventas del cliente, todas las que su regla admite.",
        ),
        (
            {"max_pagos": 6}, "2026-03-01", {"fraude": True},
            "La primera venta del cliente, del 31/01/2026, se rechazó por fraude: las siguientes"
            " no ganan.",
        ),
    ],
)  # fmt: skip
def test_se_explica(
    datos: dict[str, Any], cuando: str, renovacion: dict[str, Any], frase: str
) -> None:
    resultado = ganado(datos, instante(cuando), **renovacion)
    frases = explicar(resultado)
    assert frases[1] == frase
    if not resultado.monto:
        assert frases[2:] == ("Comisión: 0,00 USD.",)


def test_se_congela_y_se_repite() -> None:
    suyos = terminos(**DIEZ, duracion_meses=1)
    hecho = hechos("100", renovacion=Renovacion(PRIMERA, True, 3))
    guardado = congelar(suyos, hecho, None, calcular(suyos, hecho))
    assert guardado["hechos"]["renovacion"] == {
        "primera_en": "2026-01-31T10:30:00+00:00", "fraude": True, "pagos": 3,
    }  # fmt: skip
    assert hechos_congelados(guardado["hechos"]) == hecho
    assert discrepancias(guardado) == ()
    # A payment that its own facts refuse does not pass unseen.
    guardado["hechos"]["renovacion"]["fraude"] = False
    assert discrepancias(guardado)
    guardado["hechos"]["renovacion"]["fraude"] = "no"
    with pytest.raises(CongeladoInvalido):
        discrepancias(guardado)


def test_sin_renovacion_se_congela_como_siempre() -> None:
    suyos, hecho = terminos(**DIEZ), hechos("100")
    guardado = congelar(suyos, hecho, None, calcular(suyos, hecho))
    assert "renovacion" not in guardado["hechos"]
    assert not {"duracion_meses", "max_pagos"} & guardado["terminos"].keys()


def test_no_cuenta_para_la_escala() -> None:
    """It earns nothing and leaves the period as it was, but for one order more."""
    suyos = terminos(tipo="escalonada", periodo="mes", tramos=DIEZ_QUINCE, max_pagos=1)
    antes = calcular(suyos, hechos("900"))
    otra = hechos("500", renovacion=Renovacion(PRIMERA, False, 1))
    nada = calcular(suyos, otra, antes.acumulado)
    assert nada.monto == 0
    assert antes.acumulado is not None
    assert nada.acumulado == replace(antes.acumulado, ordenes=2)
    assert calcular(suyos, hechos("200"), nada.acumulado).monto == D(25)


def test_se_heredan_y_cero_es_cero() -> None:
    campana = VersionRegla("campana", 1, terminos(**DIEZ, duracion_meses=12, max_pagos=6))
    solo_la_primera = Terminos(tipo=Tipo.PORCENTUAL, porcentaje=D(20), duracion_meses=0)
    suya = VersionRegla("afiliado", 1, solo_la_primera, Alcance(afiliado="a"))
    resuelta = resolver([campana, suya], hechos("1", afiliado="a"))
    assert resuelta is not None
    assert (resuelta.terminos.duracion_meses, resuelta.terminos.max_pagos) == (0, 6)
    assert ("max_pagos", "campana", 1) in resuelta.origenes


@pytest.mark.parametrize(
    ("campo", "valor"),
    [("duracion_meses", -1), ("duracion_meses", 1201), ("max_pagos", 0), ("max_pagos", 10_001)],
)
def test_fuera_de_rango(campo: str, valor: int) -> None:
    with pytest.raises(TerminosInvalidos) as error:
        validar(terminos(**DIEZ, **{campo: valor}))
    assert error.value.campo == campo


@pytest.mark.parametrize("dato", [{"duracion_meses": "12"}, {"max_pagos": 1.5}])
def test_son_enteros(dato: dict[str, Any]) -> None:
    with pytest.raises(CongeladoInvalido):
        terminos(**DIEZ, **dato)


def test_la_red_no_gana_de_lo_que_no_gana() -> None:
    red, cadena = Red((D(5),)), [Ascendiente("b")]
    suyos = terminos(**DIEZ, duracion_meses=1)
    vieja = hechos("100", renovacion=Renovacion(PRIMERA))
    assert [p.resultado.monto for p in repartir(red, cadena, suyos, vieja)] == [D(0)]
    assert [p.resultado.monto for p in repartir(red, cadena, suyos, hechos("100"))] == [D(5)]
    # Of lines with limits of their own, some may still earn.
    otros = replace(suyos, duracion_meses=24)
    juntos, entera = de_la_red([(suyos, vieja), (otros, vieja)])
    assert [p.resultado.monto for p in repartir(red, cadena, juntos, entera)] == [D(10)]


MODOS = ["viva", "viva", "viva", "parcial", "entera", "rechazada", "fraude"]
INSTANTES = st.sampled_from(
    [instante(f"{dia}T12:00") for dia in (
        "2024-01-30", "2024-01-31", "2024-02-28", "2024-02-29", "2024-03-01", "2024-03-31",
        "2024-04-30", "2025-02-28", "2025-03-01",
    )]
)  # fmt: skip


@given(
    st.lists(st.tuples(INSTANTES, st.sampled_from(MODOS)), max_size=9),
    st.one_of(st.none(), st.integers(0, 14)),
    st.one_of(st.none(), st.integers(1, 4)),
)
@settings(max_examples=300)
def test_en_su_sitio_segun_el_oraculo(
    dibujadas: list[tuple[datetime, str]], meses: int | None, maximo: int | None
) -> None:
    ventas = [{"id": n, "en": en, "como": como} for n, (en, como) in enumerate(dibujadas)]
    suyos = terminos(**DIEZ, duracion_meses=meses, max_pagos=maximo)

    def gana(venta: dict[str, Any], renovacion: Renovacion | None) -> bool:
        if renovacion is None or not suyos.limita_renovaciones:
            return True
        return juzgar(suyos, venta["en"], renovacion)[0]

    en_orden = sorted(ventas, key=lambda v: (v["en"], v["id"]))
    sitios = en_su_sitio(
        [
            VentaDeCliente(v, v["en"], v["como"] == "fraude", v["como"] in ("viva", "parcial"))
            for v in en_orden
            if v["como"] != "rechazada"
        ],
        gana,
    )
    ganan = [v for v, r in sitios if v["como"] in ("viva", "parcial") and gana(v, r)]
    if suyos.limita_renovaciones:
        assert ganan == oraculo.ganan(ventas, meses, maximo)
    else:
        assert ganan == [v for v in en_orden if v["como"] in ("viva", "parcial")]
