"""The glossary keeps its forbidden doubles out of the names of modules and packages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

RAIZ = Path(settings.BASE_DIR)
GLOSARIO = RAIZ / "docs" / "glosario.md"
APPS = ("alpespartner", "afiliados", "conversiones", "comisiones", "outbox")
NINGUNO = "—"


def filas(titulo: str) -> list[list[str]]:
    """Cells of the table under a heading, without its first two lines."""
    resto = GLOSARIO.read_text().split(f"\n## {titulo}\n", 1)[1].split("\n## ", 1)[0]
    lineas = [linea for linea in resto.splitlines() if linea.startswith("|")]
    return [[celda.strip() for celda in linea.strip("|").split("|")] for linea in lineas[2:]]


def dobles() -> dict[str, list[str]]:
    """Where each word may be in a name."""
    tabla = {}
    for palabra, donde, _en_su_lugar in filas("Doubles that names must avoid"):
        tabla[palabra.strip("`")] = [] if donde == NINGUNO else re.findall(r"`([^`]+)`", donde)
    return tabla


def nombres() -> list[str]:
    """Modules and packages of the product, as paths without extension.

    A migration that ran keeps its name, whatever its words.
    """
    return [
        str(ruta.relative_to(RAIZ).with_suffix(""))
        for app in APPS
        for ruta in sorted((RAIZ / app).rglob("*"))
        if (ruta.suffix == ".py" or (ruta / "__init__.py").exists())
        and ruta.parent.name != "migrations"
    ]


def confusos(nombre: str) -> list[str]:
    """Words of the table that a name has where it may not."""
    propio = nombre.rpartition("/")[2]
    return [
        palabra
        for palabra, donde in dobles().items()
        if re.search(rf"(^|_){palabra}", propio)
        and not any(nombre == d or nombre.startswith(f"{d}/") for d in donde)
    ]


def test_ningun_nombre_dice_dos_cosas() -> None:
    """A word that means two things is looked for in the wrong place."""
    assert {n: palabras for n in nombres() if (palabras := confusos(n))} == {}


@pytest.mark.parametrize(
    ("nombre", "palabra"),
    [
        ("comisiones/pagos/lotes/tramos", "tramo"),
        ("conversiones/api/lote", "lote"),
        ("alpespartner/comun/fin_de_lote", "lote"),
        ("alpespartner/comun/hechos_de_hoy", "hechos"),
        ("comisiones/calculo/heredado", "heredad"),
        ("comisiones/simulaciones/liquidador", "liquidador"),
        ("outbox/conciliacion", "conciliacion"),
    ],
)
def test_un_doble_se_ve(nombre: str, palabra: str) -> None:
    """The table catches what it was made for."""
    assert confusos(nombre) == [palabra]


@pytest.mark.parametrize(
    "nombre", ["comisiones/motor/tramos", "comisiones/pagos/lotes", "outbox/reconciliacion"]
)
def test_en_su_sitio_una_palabra_vale(nombre: str) -> None:
    """Each word has its room."""
    assert nombre in nombres()
    assert confusos(nombre) == []


def test_los_sitios_existen() -> None:
    """A room that moved would leave its word without one."""
    for donde in dobles().values():
        for sitio in donde:
            assert (RAIZ / sitio).is_dir(), sitio


def test_las_palabras_van_en_orden_y_con_todo_dicho() -> None:
    """Once each, in alphabetical order, with a meaning and an English word."""
    palabras = []
    for palabra, significado, ingles, _confusion in filas("Words"):
        assert significado, palabra
        assert ingles, palabra
        palabras.append(palabra.strip("*"))
    assert len(palabras) == len(set(palabras))
    assert palabras == sorted(palabras, key=_sin_tildes)


def _sin_tildes(palabra: str) -> str:
    return palabra.translate(str.maketrans("áéíóúñ", "aeioun"))
