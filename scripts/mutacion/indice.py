"""What the product defines, by name: members of enumerations, and parameters with a default."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

# Of Django, where leaving it out still runs and does something else.
_DE_FUERA = {
    "save": {"update_fields"},
    "values_list": {"flat"},
    "bulk_create": {"ignore_conflicts"},
}


@dataclass
class Indice:
    """Of every module under some folders."""

    miembros: dict[str, list[str]] = field(default_factory=dict)
    _opcionales: dict[str, set[str]] = field(default_factory=dict)

    def opcional(self, funcion: str, parametro: str) -> bool:
        """Whether every function or class of that name can do without a keyword."""
        return parametro in self._opcionales.get(funcion, _DE_FUERA.get(funcion, set()))

    def leer(self, arbol: ast.Module) -> None:
        """Add a module's."""
        for nodo in ast.walk(arbol):
            if isinstance(nodo, ast.ClassDef):
                if miembros := list(_miembros(nodo)):
                    self.miembros[nodo.name] = miembros
                self._anotar(nodo.name, _campos(nodo))
            elif isinstance(nodo, ast.FunctionDef):
                self._anotar(nodo.name, _con_valor(nodo))

    def _anotar(self, nombre: str, parametros: set[str]) -> None:
        vistos = self._opcionales.setdefault(nombre, parametros)
        self._opcionales[nombre] = vistos & parametros


def _miembros(clase: ast.ClassDef) -> Iterator[str]:
    if not any(ast.unparse(base).endswith(("Choices", "Enum")) for base in clase.bases):
        return
    for nodo in clase.body:
        if isinstance(nodo, ast.Assign) and isinstance(nodo.targets[0], ast.Name):
            yield nodo.targets[0].id


def _campos(clase: ast.ClassDef) -> set[str]:
    return {
        nodo.target.id
        for nodo in clase.body
        if isinstance(nodo, ast.AnnAssign) and nodo.value and isinstance(nodo.target, ast.Name)
    }


def _con_valor(funcion: ast.FunctionDef) -> set[str]:
    firma = funcion.args
    todos = [*firma.posonlyargs, *firma.args]
    con = {a.arg for a in todos[len(todos) - len(firma.defaults) :]} if firma.defaults else set()
    pares = zip(firma.kwonlyargs, firma.kw_defaults, strict=True)
    return con | {a.arg for a, valor in pares if valor is not None}


def indice_de(raiz: Path, carpetas: tuple[str, ...]) -> Indice:
    """Read every module."""
    indice = Indice()
    for carpeta in carpetas:
        for ruta in sorted((raiz / carpeta).rglob("*.py")):
            if "migrations" not in ruta.parts:
                indice.leer(ast.parse(ruta.read_text()))
    return indice
