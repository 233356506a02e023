"""Policies: the format as published, and the line of what is wrong in a bad one."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from comisiones.simulaciones.politica import PoliticaInvalida, politica_de
from tests.comisiones.simulaciones.mesa import CABECERA, DIEZ, FILA_BUENA, Mesa


def con_regla(**cambios: Any) -> str:
    """A policy whose second rule, on line 4, is ``cambios``."""
    return (
        '{"moneda": "USD",\n"reglas": [\n'
        + json.dumps(DIEZ)
        + ",\n"
        + json.dumps({"nombre": "mala", **cambios})
        + "\n]}"
    )


@pytest.mark.parametrize(
    ("politica", "linea", "motivo"),
    [
        ("", 1, "JSON mal formado"),
        ('{\n"moneda": "USD",\n}', 3, "JSON mal formado"),
        ("[]", 1, "La política debe ser un objeto"),
        ('{"reglas": [{"tipo": "fija"}]}', 1, "Falta «moneda»"),
        ('{"moneda": "ZZZ", "reglas": [{}]}', 1, "ISO 4217"),
        ('{"moneda": "USD", "zona_horaria": "Marte", "reglas": [{}]}', 1, "zona horaria"),
        ('{"moneda": "USD"}', 1, "«reglas» debe ser una lista"),
        ('{"moneda": "USD", "reglas": []}', 1, "«reglas» debe ser una lista"),
        ('{"moneda": "USD",\n"reglas": [3]}', 1, "La regla 1 debe ser un objeto"),
        ('{"moneda": "USD", "regla": []}', 1, "clave desconocida: «regla»"),
        ('{"moneda": "USD",\n"reglas": [\n{"tipo": "fija",\n"tipo": "mixta"}]}', 3,
         "clave repetida: «tipo»"),
        ('{"moneda": "USD",\n"reglas": [\n{"porcentaje": NaN}]}', 3, "NaN no es un número"),
        (con_regla(porcentage="5"), 4, "clave desconocida: «porcentage»"),
        (con_regla(porcentaje="101"), 4, "regla «mala»: El porcentaje debe estar entre 0 y 100"),
        (con_regla(porcentaje="-1"), 4, "entre 0 y 100"),
        (con_regla(porcentaje=True), 4, "«porcentaje»: Se esperaba un número decimal"),
        (con_regla(porcentaje="diez"), 4, "«porcentaje»"),
        (con_regla(tipo="rara"), 4, "«tipo»: se esperaba uno de"),
        (con_regla(nivel=0), 4, "«nivel»"),
        (con_regla(nivel="1"), 4, "número entero"),
        (con_regla(prioridad=1.5), 4, "número entero"),
        (con_regla(nombre="general"), 4, "mismo nombre"),
        (con_regla(nombre=""), 4, "el nombre no puede ser"),
        (con_regla(nombre="red"), 4, "el nombre no puede ser"),
        (con_regla(nombre=5), 4, "se esperaba un texto"),
        (con_regla(alcance={"cupon": "X"}), 4, "«alcance» tiene una clave desconocida: «cupon»"),
        (con_regla(alcance=[]), 4, "«alcance» debe ser un objeto"),
        (con_regla(minimo="2", tope="1"), 4, "mayor que el tope"),
        (con_regla(tipo="escalonada"), 4, "Falta «tramos»"),
        (con_regla(tramos=[{"desde": "1", "porcentaje": "1"}]), 4, "hueco"),
        (con_regla(tramos=[{"desde": "0", "hasta": "9", "porcentaje": "1"}]), 4, "último tramo"),
        (
            con_regla(tramos=[{"desde": "0", "hasta": "9", "porcentaje": "1"},
                              {"desde": "8", "hasta": None, "porcentaje": "1"}]),
            4, "solapa",
        ),
        ('{"moneda": "USD", "reglas": [{"tipo": "fija", "monto_fijo": "1"}],\n"red": {}}', 2,
         "«porcentajes» de la red"),
        ('{"moneda": "USD", "reglas": [{"tipo": "fija", "monto_fijo": "1"}],\n'
         '"red": {"porcentajes": ["60", "41"]}}', 2, "suman 101 %"),
        ('{"moneda": "USD", "reglas": [{"tipo": "fija", "monto_fijo": "1"}],\n'
         '"red": {"porcentajes": ["6", "4"], "tope": 9}}', 2, "suman 10 %"),
        ('{"moneda": "USD", "reglas": [{"tipo": "fija", "monto_fijo": "1"}],\n'
         '"red": {"porcentajes": [1.5, "x"]}}', 2, "«red»"),
        ("[" * 100_000, 1, "anidado"),
        (b'{"moneda":\n"\xff"}', 2, "UTF-8"),
    ],
)  # fmt: skip
def test_a_bad_policy_stops_with_its_line(
    mesa: Mesa, politica: str | bytes, linea: int, motivo: str
) -> None:
    error = mesa.rechazo(politica, f"{CABECERA}\n{FILA_BUENA}\n")
    assert isinstance(error, PoliticaInvalida)
    assert motivo in error.motivo
    assert error.linea == linea


def test_a_rule_left_incomplete_by_a_conversion_is_a_bad_policy(mesa: Mesa) -> None:
    politica = (
        '{"moneda": "USD", "reglas": [\n'
        '{"nombre": "una", "porcentaje": "5", "alcance": {"afiliado": "a"}},\n'
        '{"nombre": "otra", "tipo": "porcentual", "alcance": {"campana": "x"}, "porcentaje": "1"}]}'
    )
    error = mesa.rechazo(politica, f"{CABECERA}\n{FILA_BUENA}\n")
    assert isinstance(error, PoliticaInvalida)
    assert (error.linea, error.motivo) == (2, "regla «una»: Falta «tipo» en la regla.")


def test_a_rule_that_could_never_pay_is_refused_without_conversions(mesa: Mesa) -> None:
    error = mesa.rechazo(con_regla(tipo="escalonada", prioridad=1), CABECERA + "\n")
    assert (error.linea, error.motivo) == (
        4,
        "regla «mala»: Falta «tramos» en la regla escalonada.",
    )
    # "mala" takes its type and its percentage from "general", below it.
    assert mesa.simular(con_regla(tope="1.00", prioridad=1), CABECERA + "\n")[1] == []


def test_the_format_as_published() -> None:
    politica = politica_de(
        '{"moneda":"USD","zona_horaria":"UTC","reglas":[{"nombre":"n","tipo":"escalonada",'
        '"porcentaje":"10","monto_fijo":"5.00","por":"item","modo":"graduada","metrica":"valor",'
        '"periodo":"orden","tramos":[{"desde":"0","hasta":"1000","porcentaje":"10"},{"desde":"1000"'
        ',"hasta":null,"porcentaje":"15"}],"alcance":{"afiliado":null,"tipo_afiliado":"x",'
        '"producto":"p","campana":"c"},"nivel":1,"minimo":null,"tope":"9","prioridad":2},'
        '{"tipo":"fija","monto_fijo":0.1}],"red":{"porcentajes":["10","5"]}}'
    )
    assert [regla.regla for regla in politica.reglas] == ["n", "regla-2"]
    assert politica.reglas[1].terminos.monto_fijo == Decimal("0.1")
    assert politica.niveles == 3
