#!/usr/bin/env python
"""Bring the English catalogue up to date with the texts marked in the code.

New texts enter untranslated, and those that nobody uses any more leave. It needs no gettext tools,
and knows the names that this project marks with, which theirs do not.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import polib

RAIZ = Path(__file__).resolve().parent.parent
INGLES = RAIZ / "locale" / "en" / "LC_MESSAGES" / "django.po"
APPS = ("alpespartner", "afiliados", "conversiones", "comisiones", "outbox")
MARCAS = {"_", "_now", "gettext", "gettext_lazy", "gettext_noop"}
MARCAS_PLURALES = {"ngettext", "ngettext_lazy"}

# A text, and its plural or "".
Mensaje = tuple[str, str]

_CADENA = r"u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
_EN_PLANTILLA = re.compile(rf"\b(_|n?gettext)\(\s*({_CADENA})(?:\s*,\s*({_CADENA}))?")


def mensajes() -> set[Mensaje]:
    """Every text marked for translation."""
    marcados: set[Mensaje] = set()
    for carpeta in (*APPS, "templates"):
        marcados |= de_fuentes(RAIZ / carpeta)
    return marcados


def de_fuentes(carpeta: Path) -> set[Mensaje]:
    """Every text that is marked in the code and the templates of a folder."""
    marcados: set[Mensaje] = set()
    for ruta in sorted(carpeta.rglob("*.py")):
        if "migrations" not in ruta.parts:
            marcados |= set(_de_codigo(ast.parse(ruta.read_text())))
    for ruta in sorted(carpeta.rglob("*.html")):
        marcados |= set(_de_plantilla(ruta.read_text(), str(ruta)))
    return marcados


def _de_codigo(arbol: ast.Module) -> Iterator[Mensaje]:
    for nodo in ast.walk(arbol):
        if not isinstance(nodo, ast.Call):
            continue
        funcion = nodo.func
        nombre = funcion.id if isinstance(funcion, ast.Name) else getattr(funcion, "attr", "")
        textos = [
            arg.value
            for arg in nodo.args[:2]
            if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
        ]
        if nombre in MARCAS and textos:
            yield textos[0], ""
        elif nombre in MARCAS_PLURALES and len(textos) == 2:
            yield textos[0], textos[1]


def _de_plantilla(fuente: str, origen: str) -> Iterator[Mensaje]:
    from django.utils.translation.template import templatize

    for nombre, uno, otro in _EN_PLANTILLA.findall(templatize(fuente, origin=origen)):
        plural = ast.literal_eval(otro) if nombre == "ngettext" else ""
        yield ast.literal_eval(uno), plural


def poner_al_dia(catalogo: polib.POFile, marcados: set[Mensaje]) -> None:
    """Add to ``catalogo`` the texts it lacks, take out those it should not have, and sort it."""
    vigentes = {(e.msgid, e.msgid_plural): e for e in catalogo}
    catalogo[:] = []
    for uno, otro in sorted(marcados):
        entrada = vigentes.get((uno, otro))
        if entrada is None:
            entrada = polib.POEntry(msgid=uno, msgid_plural=otro)
            if otro:
                entrada.msgstr_plural = {0: "", 1: ""}
        catalogo.append(entrada)


def main() -> None:
    """Rewrite the catalogue; exit with 1 while some text has no translation."""
    catalogo = polib.pofile(str(INGLES))
    poner_al_dia(catalogo, mensajes())
    catalogo.save()
    faltan = catalogo.untranslated_entries()
    for entrada in faltan:
        print(entrada.msgid)
    sys.exit(1 if faltan else 0)


if __name__ == "__main__":
    main()
