"""What the documents name is there: links, files, folders, commands, variables and targets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

RAIZ = Path(settings.BASE_DIR)
DOCUMENTOS = [RAIZ / "README.md", *sorted((RAIZ / "docs").rglob("*.md"))]
OPERACION = RAIZ / "docs" / "operacion.md"
# Made by running it, so they are not in the repository.
DE_LA_MARCHA = ("data/", ".stack/", "~", "/", "@")
_FUENTE = re.compile(r"[\w.-]+(/[\w.-]+)+\.(py|md|sh|toml|yml|json|html|css|js|po|cfg|properties)")
_CARPETA = re.compile(r"[\w.-]+(/[\w.-]+)*/")
_APPS = ("alpespartner", "afiliados", "conversiones", "comisiones", "outbox")

documentos = pytest.mark.parametrize(
    "documento", DOCUMENTOS, ids=lambda d: str(d.relative_to(RAIZ))
)


def prosa(documento: Path) -> str:
    """A document without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", documento.read_text(), flags=re.M | re.S)


def anclas(documento: Path) -> set[str]:
    """What a link may point to inside a document."""
    titulos = re.findall(r"^#+ (.+)$", prosa(documento), re.M)
    return {re.sub(r"[^\w\- ]", "", titulo.lower()).replace(" ", "-") for titulo in titulos}


@documentos
def test_los_enlaces_llegan(documento: Path) -> None:
    """A link that leads nowhere is worse than none."""
    for destino in re.findall(r"\]\(([^)\s]+)\)", prosa(documento)):
        if re.match(r"[a-z]+:", destino):
            continue
        ruta, _almohadilla, ancla = destino.partition("#")
        llegada = (documento.parent / ruta).resolve() if ruta else documento
        assert llegada.exists(), destino
        if ancla:
            assert ancla in anclas(llegada), destino


@documentos
def test_los_ficheros_existen(documento: Path) -> None:
    """A file that moved is still looked for where a document says."""
    for nombre in re.findall(r"`([^`\n]+)`", prosa(documento)):
        if nombre.startswith(DE_LA_MARCHA):
            continue
        carpeta = _CARPETA.fullmatch(nombre) and nombre.split("/")[0] in _APPS
        if carpeta or _FUENTE.fullmatch(nombre):
            assert (RAIZ / nombre).exists(), nombre


@pytest.mark.parametrize(
    "objetivo",
    sorted(
        {
            a or b
            for d in DOCUMENTOS
            for a, b in re.findall(r"`make ([\w-]+)|^make ([\w-]+)", d.read_text(), re.M)
        }
    ),
)
def test_los_objetivos_de_make_existen(objetivo: str) -> None:
    """What a document tells to run can be run."""
    assert re.search(rf"^{objetivo}:", (RAIZ / "Makefile").read_text(), re.M)


@documentos
def test_los_comandos_existen(documento: Path) -> None:
    """Nor does a command go by a name that it had."""
    for nombre in re.findall(r"manage\.py ([a-z_]+)", documento.read_text()):
        assert nombre in get_commands()


def test_cada_comando_esta_contado() -> None:
    """A command that no table tells of is not found."""
    propios = {c for c, app in get_commands().items() if app.split(".")[0] in _APPS}
    contados = set(re.findall(r"^\| `([a-z_]+)", OPERACION.read_text(), re.M))
    assert propios <= contados


def test_cada_variable_esta_contada() -> None:
    """Whoever runs it reads one table, not the settings."""
    leidas = {
        variable
        for nombre in ("settings.py", "gunicorn.py", "pruebas/ajustes.py")
        for variable in re.findall(
            r'"(ALPES_\w+|SECRET_KEY)"', (RAIZ / "alpespartner" / nombre).read_text()
        )
    }
    contadas = {
        variable
        for fila in re.findall(r"^\| (`[A-Z].*?) \|", OPERACION.read_text(), re.M)
        for variable in re.findall(r"`([A-Z_]+)`", fila)
    }
    assert leidas - contadas == set()
    assert contadas - leidas == set()
