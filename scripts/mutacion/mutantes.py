"""Mutants: one change in one place of one file, chosen by a seed."""

from __future__ import annotations

import ast
import difflib
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from mutacion.indice import Indice
from mutacion.operadores import OPERADORES, nodos


@dataclass(frozen=True)
class Mutante:
    """``ruta`` is of the tree; lines and columns (in bytes) are those of the node changed."""

    ruta: str
    operador: str
    linea: int
    columna: int
    hasta_linea: int
    hasta_columna: int
    texto: str
    # Whether only the import of the module runs it: a table, a default, a class's body.
    al_importar: bool = False
    # What it replaces, and how many of its file are the same and come before it.
    antes: str = ""
    vez: int = 0

    @property
    def clave(self) -> str:
        """What names it in the results: the same when other lines of its file come and go."""
        return _suma(self.ruta, self.operador, self.antes, self.texto, str(self.vez))[:8]

    def aplicar(self, fuente: str) -> str:
        """The module with the change."""
        antes, _habia, despues = self._partes(fuente)
        return (antes + self.texto.encode() + despues).decode()

    def lo_que_habia(self, fuente: str) -> str:
        """The text that it replaces."""
        return self._partes(fuente)[1].decode()

    def _partes(self, fuente: str) -> tuple[bytes, bytes, bytes]:
        lineas = [linea.encode() for linea in fuente.splitlines(keepends=True)]
        desde = sum(map(len, lineas[: self.linea - 1])) + self.columna
        hasta = sum(map(len, lineas[: self.hasta_linea - 1])) + self.hasta_columna
        todo = b"".join(lineas)
        return todo[:desde], todo[desde:hasta], todo[hasta:]

    def diferencia(self, fuente: str) -> str:
        """As ``diff -u`` shows it, with a line around."""
        return "\n".join(
            difflib.unified_diff(
                fuente.splitlines(), self.aplicar(fuente).splitlines(),
                f"a/{self.ruta}", f"b/{self.ruta}", lineterm="", n=1,
            )
        )  # fmt: skip


def _suma(*partes: str) -> str:
    return hashlib.sha256("\0".join(partes).encode()).hexdigest()


def iguales() -> dict[str, str]:
    """Names of the mutants that are no worse than what is there, and the file of each."""
    lineas = (Path(__file__).parent / "iguales.txt").read_text().splitlines()
    return {
        clave: ruta
        for clave, ruta, *_donde in (linea.split() for linea in lineas if linea[:1] != "#")
    }


def mutantes_de(ruta: str, fuente: str, indice: Indice) -> Iterator[Mutante]:
    """Every one of a file."""
    vistos: Counter[tuple[str, ...]] = Counter()
    for mutante in sorted(_todos(ruta, fuente, indice), key=lambda m: (m.linea, m.columna)):
        antes = mutante.lo_que_habia(fuente)
        igual = (mutante.operador, antes, mutante.texto)
        yield replace(mutante, antes=antes, vez=vistos[igual])
        vistos[igual] += 1


def _todos(ruta: str, fuente: str, indice: Indice) -> Iterator[Mutante]:
    arbol = ast.parse(fuente)
    en_funcion = {
        id(dentro)
        for funcion in ast.walk(arbol)
        if isinstance(funcion, (ast.FunctionDef, ast.Lambda))
        for cuerpo in (funcion.body if isinstance(funcion.body, list) else [funcion.body])
        for dentro in ast.walk(cuerpo)
    }
    for nodo in nodos(arbol):
        for nombre, operador in OPERADORES.items():
            for donde, texto in operador(nodo, indice):
                mutante = Mutante(
                    ruta, nombre, donde.lineno, donde.col_offset,  # type: ignore[attr-defined]
                    donde.end_lineno, donde.end_col_offset, texto,  # type: ignore[attr-defined]
                    al_importar=id(donde) not in en_funcion,
                )  # fmt: skip
                # What a model's body says is in its migrations, which do not change with it.
                if not (mutante.al_importar and ruta.endswith("models.py")):
                    yield mutante


def ficheros(raiz: Path, lugares: tuple[str, ...]) -> list[str]:
    """Modules of some folders or files: not the migrations, nor what only declares."""
    halladas = set()
    for lugar in lugares:
        base = raiz / lugar
        for ruta in [base] if base.is_file() else base.rglob("*.py"):
            if "migrations" not in ruta.parts and ruta.name != "__init__.py":
                halladas.add(str(ruta.relative_to(raiz)))
    return sorted(halladas)


def lugar_de(ruta: str, lugares: tuple[str, ...]) -> str:
    """The first folder, of some, that a module is in; its own if it is in none."""
    return next((n for n in lugares if ruta.startswith(f"{n}/")), ruta.rpartition("/")[0])


def elegir(
    todos: list[Mutante], cuantos: int, semilla: int, lugares: tuple[str, ...] = ()
) -> list[Mutante]:
    """By turns of place and, within each, of operator, so that what abounds does not hide the
    rest. Each has its lot by itself, so that a change elsewhere does not draw others."""

    def suerte(*que: str) -> str:
        return _suma(str(semilla), *que)

    turnos: Counter[tuple[str, str]] = Counter()
    de_lugar: dict[str, list[tuple[int, str, Mutante]]] = {}
    for mutante in sorted(todos, key=lambda m: suerte(m.clave)):
        lugar = lugar_de(mutante.ruta, lugares)
        suyo = (lugar, mutante.operador)
        de_lugar.setdefault(lugar, []).append((turnos[suyo], suerte(*suyo), mutante))
        turnos[suyo] += 1
    en_orden = (
        (vuelta, suerte(lugar), mutante)
        for lugar, suyos in de_lugar.items()
        for vuelta, (_turno, _suerte, mutante) in enumerate(sorted(suyos, key=lambda s: s[:2]))
    )
    return [mutante for *_cuando, mutante in sorted(en_orden, key=lambda s: s[:2])[:cuantos]]
