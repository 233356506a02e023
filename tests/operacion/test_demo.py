"""The demo shows how money leaves: a batch that one person prepared and another releases."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from rich.console import Console

from alpespartner.comun.actores import persona
from alpespartner.operacion.demo import preparar_demo
from alpespartner.operacion.presentacion import presentar
from comisiones.pagos.estados import EstadoLote
from comisiones.pagos.lotes.ciclo import por_que_no_libera
from comisiones.pagos.models import LotePago

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def demo(settings: Any, tmp_path: Path) -> dict[str, Any]:
    settings.DEMO = True
    call_command("migrate", verbosity=0)
    return preparar_demo(archivo=tmp_path / "ids.json", base_url="http://localhost:1")


@pytest.mark.lento
def test_un_lote_espera_a_la_segunda_persona(demo: dict[str, Any], tmp_path: Path) -> None:
    [lote] = LotePago.objects.all()
    assert demo["lotes"] == [lote.id_publico]
    assert (lote.estado, lote.numero_pagos > 0, lote.total > 0) == (
        EstadoLote.CONGELADO,
        True,
        True,
    )
    una, otra = (User.objects.get(username=demo[quien]["usuario"])
                 for quien in ("staff", "segunda_persona"))  # fmt: skip
    assert por_que_no_libera(lote, persona(una.pk))
    assert por_que_no_libera(lote, persona(otra.pk)) == ""
    cliente = Client()
    assert cliente.login(username=otra.username, password=demo["segunda_persona"]["clave"])
    assert not otra.is_superuser
    respuesta = cliente.post(f"/admin/comisiones/lotepago/{lote.pk}/accion/liberar/", follow=True)
    assert respuesta.status_code == 200
    lote.refresh_from_db()
    assert lote.estado != EstadoLote.CONGELADO
    # A second start gives back what the first one wrote.
    archivo = tmp_path / "ids.json"
    assert json.loads(archivo.read_text()) == demo
    assert preparar_demo(archivo=archivo, base_url=demo["base_url"]) == demo


@pytest.mark.lento
def test_se_imprime_como_entrar(demo: dict[str, Any]) -> None:
    salida = io.StringIO()
    presentar(Console(file=salida), "http://localhost:1", demo, "Ctrl-C lo para todo")
    texto = salida.getvalue()
    assert demo["segunda_persona"]["usuario"] in texto
    assert demo["segunda_persona"]["clave"] in texto
    assert "http://localhost:1/admin/comisiones/lotepago/" in texto
