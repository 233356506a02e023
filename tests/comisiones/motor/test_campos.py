"""An error says which term is wrong."""

from __future__ import annotations

import ast
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import comisiones.motor
from comisiones.motor.calculo import calcular
from comisiones.motor.congelado import _iguales, hechos_congelados
from comisiones.motor.errores import ErrorMotor, HechosInvalidos, RedInvalida, TerminosInvalidos
from comisiones.motor.red import Red, validar_red
from comisiones.motor.tipos import Terminos
from comisiones.motor.validacion import validar, validar_completos
from tests.comisiones.motor.fabrica import hechos, terminos, tramos

D = Decimal
ESCALA = tramos((None, "1"))
BAJA = tramos(("10", "15"), (None, "10"))


def gasto(ambito: str = "afiliado", periodo: str = "mes", monto: str = "1") -> dict[str, str]:
    return {"ambito": ambito, "periodo": periodo, "monto": monto}


@pytest.mark.parametrize(
    ("datos", "campo"),
    [
        ({"tipo": None}, "tipo"),
        ({"tipo": "gratis"}, "tipo"),
        ({"tipo": "porcentual"}, "porcentaje"),
        ({"tipo": "porcentual", "porcentaje": "x"}, "porcentaje"),
        ({"tipo": "porcentual", "porcentaje": "-1"}, "porcentaje"),
        ({"tipo": "porcentual", "porcentaje": "1.123456789"}, "porcentaje"),
        ({"monto_fijo": None}, "monto_fijo"),
        ({"monto_fijo": "-1"}, "monto_fijo"),
        ({"moneda": None}, "moneda"),
        ({"moneda": "ZZZ"}, "moneda"),
        ({"moneda": 840}, "moneda"),
        ({"por": "kilo"}, "por"),
        ({"modo": "x"}, "modo"),
        ({"metrica": "x"}, "metrica"),
        ({"periodo": "siglo"}, "periodo"),
        ({"zona_horaria": "Marte/Olimpo"}, "zona_horaria"),
        ({"tipo": "escalonada"}, "tramos"),
        ({"tipo": "escalonada", "tramos": []}, "tramos"),
        ({"tipo": "escalonada", "tramos": "0"}, "tramos"),
        ({"tipo": "escalonada", "tramos": [{"desde": "1", "porcentaje": "1"}]}, "tramos"),
        ({"tipo": "escalonada", "tramos": [{"desde": "0", "paga": "1"}]}, "tramos"),
        ({"tipo": "escalonada", "tramos": [{"porcentaje": "1"}]}, "tramos"),
        ({"tipo": "escalonada", "tramos": tramos((None, "101"))}, "tramos"),
        ({"tipo": "escalonada", "tramos": tramos((None, "1.123456789"))}, "tramos"),
        ({"tipo": "escalonada", "modo": "completa", "periodo": "mes", "tramos": BAJA}, "tramos"),
        ({"tipo": "escalonada", "tramos": ESCALA, "moneda": None}, "moneda"),
        ({"minimo": "-1"}, "minimo"),
        ({"minimo": "0.001"}, "minimo"),
        ({"minimo": "2", "tope": "1"}, "minimo"),
        ({"tope": "-1"}, "tope"),
        ({"tope": "0.001"}, "tope"),
        ({"multiplicadores": [["oro", "-1"]]}, "multiplicadores"),
        ({"multiplicadores": [["oro", "1"], ["oro", "2"]]}, "multiplicadores"),
        ({"multiplicadores": [["oro"]]}, "multiplicadores"),
        ({"multiplicadores": ["15"]}, "multiplicadores"),
        ({"topes_gasto": [gasto(monto="-1")]}, "topes_gasto"),
        ({"topes_gasto": [gasto(periodo="orden")]}, "topes_gasto"),
        ({"topes_gasto": [gasto(ambito="nadie")]}, "topes_gasto"),
        ({"topes_gasto": [gasto(), gasto()]}, "topes_gasto"),
        ({"base": "x"}, "base"),
        ({"excluye": ["envio", "envio"]}, "excluye"),
        # No term is wrong: that one is none.
        ({"topes": "1"}, ""),
    ],
)
def test_de_los_terminos(datos: dict[str, Any], campo: str) -> None:
    with pytest.raises(ErrorMotor) as error:
        validar(terminos(**{"tipo": "fija", "monto_fijo": "1", **datos}))
    assert error.value.campo == campo


@pytest.mark.parametrize(
    ("red", "campo"),
    [
        (Red((D("-1"),)), "porcentajes"),
        (Red((D("1.123456789"),)), "porcentajes"),
        (Red((D(10), D(6)), tope=D(15)), "porcentajes"),
        (Red((), tope=D(101)), "tope"),
    ],
)
def test_de_la_red(red: Red, campo: str) -> None:
    with pytest.raises(RedInvalida) as error:
        validar_red(red)
    assert error.value.campo == campo


@pytest.mark.parametrize(
    ("sin", "campo"),
    [
        (Terminos(), "tipo"),
        (terminos(tipo="porcentual"), "porcentaje"),
        (terminos(tipo="fija"), "monto_fijo"),
        (terminos(tipo="escalonada"), "tramos"),
        (terminos(tipo="fija", monto_fijo="1", moneda=None), "moneda"),
    ],
)
def test_al_calcular_es_el_mismo(sin: Terminos, campo: str) -> None:
    """What publishing says of a term that is missing, calculating without it says too."""
    for pedir in (lambda: validar_completos(sin), lambda: calcular(sin, hechos("10"))):
        with pytest.raises(TerminosInvalidos) as error:
            pedir()
        assert error.value.campo == campo


def test_los_hechos_no_son_de_un_termino() -> None:
    with pytest.raises(HechosInvalidos) as error:
        calcular(terminos(tipo="porcentual", porcentaje="1"), hechos("-1"))
    assert error.value.campo == ""
    with pytest.raises(ErrorMotor) as ilegible:
        hechos_congelados({"valor": "x"})
    assert ilegible.value.campo == "valor"


def test_ninguno_se_olvida() -> None:
    """A refusal of the terms or of the network that named no field would be shown beside none."""
    culpables = [
        f"{ruta.name}:{nodo.lineno}"
        for ruta in sorted(Path(comisiones.motor.__file__).parent.glob("*.py"))
        for nodo in ast.walk(ast.parse(ruta.read_text()))
        if isinstance(nodo, ast.Call) and isinstance(nodo.func, ast.Name)
        if nodo.func.id in ("TerminosInvalidos", "RedInvalida")
        if not any(clave.arg == "campo" for clave in nodo.keywords)
    ]
    assert culpables == []


@pytest.mark.parametrize(
    ("uno", "otro", "si"),
    [("1.50", "1.5", True), ("1.50", "1.51", False), ("a", "b", False), (1, "1", False),
     ("1", 1, False), (["1.0"], ["1"], True), ({"a": "1"}, {"a": "1", "b": "2"}, False)],
)  # fmt: skip
def test_dos_textos_de_un_numero_son_el_mismo(uno: Any, otro: Any, si: bool) -> None:
    assert _iguales(uno, otro) is si
