"""What publishing refuses."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings

from comisiones.motor.errores import TerminosInvalidos, TramosInvalidos
from comisiones.motor.tipos import Tramo
from comisiones.motor.tramos import tramo_de, validar_retroactiva, validar_tramos
from comisiones.motor.validacion import validar, validar_rangos
from tests.comisiones.motor.fabrica import DIEZ_QUINCE, escalas, reglas, terminos, tramos

D = Decimal


@pytest.mark.parametrize(
    ("escala", "motivo"),
    [
        ([], "no tiene tramos"),
        ([("0", "50", "10"), ("51", None, "10")], "Tramo 2: hueco entre 50 y 51"),
        ([("1", None, "10")], "Tramo 1: hueco entre 0 y 1"),
        ([("0", "50", "10"), ("49", None, "10")], "Tramo 2: empieza en 49 y se solapa"),
        ([("50", None, "10"), ("0", "50", "10")], "Tramo 1: hueco"),
        ([("0", "50", "10"), ("0", "50", "10"), ("50", None, "10")], "Tramo 2: .* se solapa"),
        ([("0", "0", "10"), ("0", None, "10")], "Tramo 1: «hasta» debe ser mayor"),
        ([("0", "-1", "10")], "Tramo 1: «hasta» debe ser mayor"),
        ([("-1", None, "10")], "se solapa"),
        ([("0", "50", "10")], "Tramo 1: el último tramo no puede tener fin"),
        ([("0", None, "10"), ("50", None, "10")], "Tramo 1: solo el último"),
        ([("0", None, None)], "Tramo 1: falta"),
        ([("0", None, "100.01")], "Tramo 1: el porcentaje"),
        ([("0", None, "-0.01")], "Tramo 1: el porcentaje"),
        ([("NaN", None, "1")], "números finitos"),
        ([("0", "Infinity", "1")], "números finitos"),
    ],
)
def test_scales_refused(escala: list[tuple[str, str | None, str | None]], motivo: str) -> None:
    lista = [
        Tramo(D(desde), None if hasta is None else D(hasta), None if tasa is None else D(tasa))
        for desde, hasta, tasa in escala
    ]
    with pytest.raises(TramosInvalidos, match=motivo):
        validar_tramos(lista)


def test_a_negative_fixed_amount_is_refused() -> None:
    with pytest.raises(TramosInvalidos, match="monto fijo"):
        validar_tramos([Tramo(D(0), None, None, D("-1"))])


@pytest.mark.parametrize(
    ("medida", "desde"),
    [("0", "0"), ("0.01", "0"), ("1000", "0"), ("1000.01", "1000"), ("1e9", "1000")],
)
def test_a_tier_holds_over_desde_up_to_and_including_hasta(medida: str, desde: str) -> None:
    lista = terminos(tramos=DIEZ_QUINCE).tramos or ()
    assert tramo_de(lista, D(medida)).desde == D(desde)


@pytest.mark.parametrize(
    ("datos", "motivo"),
    [
        ({}, "Falta «tipo»"),
        ({"tipo": "porcentual"}, "Falta «porcentaje»"),
        ({"tipo": "mixta", "monto_fijo": "1"}, "Falta «porcentaje»"),
        ({"tipo": "mixta", "porcentaje": "1"}, "Falta «monto_fijo»"),
        ({"tipo": "fija"}, "Falta «monto_fijo»"),
        ({"tipo": "escalonada"}, "Falta «tramos»"),
        ({"tipo": "escalonada", "tramos": []}, "no tiene tramos"),
        ({"tipo": "porcentual", "porcentaje": "100.00000001"}, "entre 0 y 100"),
        ({"tipo": "porcentual", "porcentaje": "-1"}, "entre 0 y 100"),
        ({"tipo": "porcentual", "porcentaje": "1.123456789"}, "hasta 8 decimales"),
        ({"tipo": "escalonada", "tramos": tramos((None, "1.123456789"))}, "hasta 8 decimales"),
        ({"tipo": "fija", "monto_fijo": "-1"}, "monto fijo"),
        ({"tipo": "fija", "monto_fijo": "1000000000000000"}, "monto fijo"),
        ({"tipo": "fija", "monto_fijo": "1", "moneda": None}, "falta la moneda"),
        ({"tipo": "fija", "monto_fijo": "1", "moneda": "ZZZ"}, "ISO 4217"),
        ({"tipo": "fija", "monto_fijo": "1", "minimo": "2", "tope": "1"}, "mayor que el tope"),
        ({"tipo": "fija", "monto_fijo": "1", "minimo": "0.001"}, "más decimales que USD"),
        ({"tipo": "fija", "monto_fijo": "1", "tope": "0.001"}, "más decimales que USD"),
        ({"tipo": "fija", "monto_fijo": "1", "tope": "0.5", "moneda": "JPY"}, "que JPY"),
        ({"tipo": "fija", "monto_fijo": "1", "multiplicadores": [["oro", "-1"]]}, "multiplicador"),
        (
            {"tipo": "fija", "monto_fijo": "1", "multiplicadores": [["a", "1"], ["a", "2"]]},
            "niveles repetidos",
        ),
        ({"tipo": "fija", "monto_fijo": "1", "zona_horaria": "Marte/Olimpo"}, "zona horaria"),
        ({"tipo": "fija", "monto_fijo": "1", "excluye": ["envio", "envio"]}, "repetidos"),
        (
            {
                "tipo": "fija",
                "monto_fijo": "1",
                "topes_gasto": [{"ambito": "afiliado", "periodo": "orden", "monto": "1"}],
            },
            "por orden",
        ),
        (
            {
                "tipo": "escalonada",
                "modo": "completa",
                "periodo": "mes",
                "tramos": tramos(("10", "15"), (None, "10")),
            },
            "no puede bajar",
        ),
    ],
)
def test_terms_refused(datos: dict[str, Any], motivo: str) -> None:
    with pytest.raises(TerminosInvalidos, match=motivo):
        validar(terminos(**datos))


@pytest.mark.parametrize(
    "datos",
    [
        {"tipo": "porcentual", "porcentaje": "0"},
        {"tipo": "porcentual", "porcentaje": "100", "moneda": None},
        {"tipo": "fija", "monto_fijo": "0.0005", "zona_horaria": "America/Bogota"},
        {"tipo": "escalonada", "modo": "completa", "tramos": tramos(("10", "15"), (None, "10"))},
        {"tipo": "escalonada", "periodo": "mes", "tramos": tramos(("10", "15"), (None, "10"))},
        {
            "tipo": "escalonada",
            "metrica": "cantidad",
            "moneda": None,
            "tramos": tramos(("10", "15"), (None, "10")),
        },
    ],
)
def test_terms_accepted(datos: dict[str, Any]) -> None:
    validar(terminos(**datos))


def test_absent_terms_pass_the_ranges() -> None:
    validar_rangos(terminos(moneda=None))


@pytest.mark.lento
@settings(max_examples=100, deadline=None)
@given(escalas(), reglas())
def test_valid_rules_are_accepted(escala: list[dict[str, Any]], regla: dict[str, Any]) -> None:
    validar(terminos(tipo="escalonada", tramos=escala))
    validar(terminos(**regla))


@pytest.mark.parametrize(
    ("primero", "segundo", "vale"),
    [
        ({"porcentaje": "10"}, {"porcentaje": "10"}, True),
        ({"porcentaje": "10"}, {"porcentaje": "9.99"}, False),
        ({"monto_fijo": "5"}, {"monto_fijo": "5"}, True),
        ({"monto_fijo": "5"}, {"monto_fijo": "4.99"}, False),
        # What one of them does not say is nothing.
        ({"monto_fijo": "5"}, {"porcentaje": "10", "monto_fijo": "5"}, True),
        ({"monto_fijo": "5"}, {"porcentaje": "10"}, False),
        ({"porcentaje": "10"}, {"porcentaje": "10", "monto_fijo": "5"}, True),
        ({"porcentaje": "10"}, {"monto_fijo": "5"}, False),
    ],
)
def test_una_escala_completa_no_baja(primero: Any, segundo: Any, vale: bool) -> None:
    tabla = [{"desde": "0", "hasta": "100", **primero}, {"desde": "100", **segundo}]
    escala = terminos(tipo="escalonada", tramos=tabla).tramos
    assert escala is not None
    if vale:
        validar_retroactiva(escala)
    else:
        with pytest.raises(TramosInvalidos, match=r"Tramo 2: .*no puede bajar"):
            validar_retroactiva(escala)
