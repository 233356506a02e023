"""The engine is pure: no Django, no clock, no I/O, no float; and its files stay small."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import comisiones.motor

ARCHIVOS = sorted(Path(comisiones.motor.__file__).parent.glob("*.py"))
MODULOS = {
    "__future__", "alpespartner.comun.dinero", "calendar", "collections.abc", "dataclasses",
    "datetime", "decimal", "enum", "fractions", "functools", "itertools", "typing", "zoneinfo",
}  # fmt: skip


@pytest.mark.parametrize("archivo", ARCHIVOS, ids=lambda ruta: ruta.stem)
def test_pure(archivo: Path) -> None:
    texto = archivo.read_text()
    assert texto.count("\n") < 350
    for nodo in ast.walk(ast.parse(texto)):
        if isinstance(nodo, ast.Import):
            assert {alias.name for alias in nodo.names} <= MODULOS
        if isinstance(nodo, ast.ImportFrom):
            assert nodo.module in MODULOS or str(nodo.module).startswith("comisiones.motor.")
        if isinstance(nodo, ast.Constant):
            assert not isinstance(nodo.value, float)
        if isinstance(nodo, ast.Attribute):
            assert nodo.attr not in {"now", "utcnow", "today", "time"}
        if isinstance(nodo, ast.Name):
            assert nodo.id not in {"float", "open", "print", "input"}
