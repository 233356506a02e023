"""Tasks are called by their names: in the code, in the clock and in the documents."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from django.conf import settings

from alpespartner.celery import app

RAIZ = Path(settings.BASE_DIR)
APPS = ("alpespartner", "afiliados", "conversiones", "comisiones", "outbox")


def encoladas() -> set[str]:
    """Names that the product queues."""
    return {
        nodo.args[0].value
        for carpeta in APPS
        for ruta in (RAIZ / carpeta).rglob("*.py")
        for nodo in ast.walk(ast.parse(ruta.read_text()))
        if isinstance(nodo, ast.Call)
        and getattr(nodo.func, "attr", "") in ("encolar", "encolar_cada")
        and nodo.args
        and isinstance(nodo.args[0], ast.Constant)
    }


def test_lo_que_se_encola_es_una_tarea() -> None:
    """No type sees a name that is misspelt, and the broker takes any."""
    app.loader.import_default_modules()
    nombres = encoladas()
    assert len(nombres) > 3
    assert nombres - app.tasks.keys() == set()
    assert {t["task"] for t in settings.CELERY_BEAT_SCHEDULE.values()} - app.tasks.keys() == set()
    assert settings.CELERY_TASK_ROUTES.keys() - app.tasks.keys() == set()


def test_lo_que_corre_solo_esta_contado() -> None:
    """The table of the document is the clock's."""
    texto = (RAIZ / "docs" / "operacion.md").read_text()
    tabla = texto.split("\n## What runs by itself\n", 1)[1].split("\n## ", 1)[0]
    contadas = set(re.findall(r"^\| `([\w.]+)`", tabla, re.M))
    assert contadas == {t["task"] for t in settings.CELERY_BEAT_SCHEDULE.values()}
