"""Each code of a problem has its page, in both languages, and the problem leads to it."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from alpespartner.catalogo import CODIGOS, estados
from alpespartner.comun.api.problemas import _CODIGOS
from tests.fabricas import ClienteAPI, problema

APPS = ("alpespartner", "afiliados", "conversiones", "comisiones", "outbox")
_DICEN = {"responder_error": 2, "cuerpo_problema": 1}


def _dichos() -> set[str]:
    """Every code that our source says: of a class, or where an answer is written."""
    codigos: set[str] = set(_CODIGOS.values())
    for app in APPS:
        for fichero in (Path(settings.BASE_DIR) / app).rglob("*.py"):
            for nodo in ast.walk(ast.parse(fichero.read_text())):
                valor: Any = None
                if isinstance(nodo, ast.Assign) and getattr(nodo.targets[0], "id", "") == "codigo":
                    valor = nodo.value
                elif isinstance(nodo, ast.Call) and getattr(nodo.func, "id", "") in _DICEN:
                    valor = nodo.args[_DICEN[nodo.func.id]]  # type: ignore[attr-defined]
                if isinstance(valor, ast.Constant) and isinstance(valor.value, str):
                    codigos.add(valor.value)
    return codigos


@pytest.mark.lento
@pytest.mark.una_base
def test_ninguno_falta_y_ninguno_sobra() -> None:
    assert _dichos() - {""} == CODIGOS.keys()
    assert list(CODIGOS) == sorted(CODIGOS)
    assert estados().keys() <= CODIGOS.keys()
    with translation.override("en"):
        ingleses = {codigo: str(texto) for codigo, texto in CODIGOS.items()}
    with translation.override("es"):
        assert not [c for c, texto in CODIGOS.items() if str(texto) == ingleses[c]]


@pytest.mark.django_db
def test_el_problema_lleva_a_su_pagina(client: Client) -> None:
    cuerpo = problema(ClienteAPI().get("/api/v1/afiliados"), 401, "sin_clave")
    for idioma, dicho in (("es", "Falta la clave"), ("en", "There is no key")):
        pagina = client.get(cuerpo["type"], headers={"Accept-Language": idioma})
        assert pagina.status_code == 200
        assert dicho in pagina.content.decode()
    todos = client.get("/docs/errores").content.decode()
    assert all(f'id="{codigo}"' in todos for codigo in CODIGOS)
    assert client.get("/docs/errores/nada").status_code == 404
    assert client.post("/docs/errores").status_code == 405
