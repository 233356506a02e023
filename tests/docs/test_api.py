"""What docs/api.md says how to do, done."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from outbox.models import OutboxEvent
from tests import fabricas
from tests.outbox.flujo.conftest import al_dia  # noqa: F401 - a fixture

PAGINA = Path(settings.BASE_DIR) / "docs" / "api.md"

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("al_dia")
def test_ponerse_al_dia_con_el_programa_de_la_pagina() -> None:
    """A client that was away gets what happened meanwhile, and then goes on."""
    codigo = re.search(r"```python seguir\n(.*?)```", PAGINA.read_text(), re.S)
    assert codigo is not None
    suyo: dict[str, Any] = {}
    exec(codigo[1], suyo)  # noqa: S102 - our own page
    api = fabricas.api(["eventos:leer"])

    def pedir(parametros: dict[str, str]) -> dict[str, Any]:
        cuerpo: dict[str, Any] = api.get("/api/v1/eventos", parametros).json()
        return cuerpo

    cursor = pedir({"desde": "ahora"})["cursor"]
    antes = OutboxEvent.objects.count()
    fabricas.comision()
    for esperados in (OutboxEvent.objects.count() - antes, 0):
        *eventos, cursor = suyo["seguir"](pedir, cursor)
        assert len(eventos) == esperados
