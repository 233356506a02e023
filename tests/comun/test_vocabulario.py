"""The words of the history: every action that is written has its noun, and is found by its id."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse

from alpespartner.comun import vocabulario
from alpespartner.comun.estados import Maquina
from alpespartner.comun.historial import paso
from alpespartner.comun.vocabulario import ENTIDADES, Entidad, nombre_de_accion, registrar, tono_de
from tests.fabricas import ANA

APPS = ("alpespartner", "afiliados", "conversiones", "comisiones", "outbox")


def _literal(nodo: ast.expr | None) -> str:
    return nodo.value if isinstance(nodo, ast.Constant) and isinstance(nodo.value, str) else ""


def escritas() -> Iterator[tuple[str, str, str]]:
    """(file, entity or "", action) of each call that writes a step of the history."""
    for app in APPS:
        for ruta in sorted((Path(settings.BASE_DIR) / app).rglob("*.py")):
            if "migrations" in ruta.parts:
                continue
            for nodo in ast.walk(ast.parse(ruta.read_text())):
                if isinstance(nodo, ast.Call):
                    con = {k.arg: k.value for k in nodo.keywords}
                    if accion := _literal(con.get("accion")):
                        yield ruta.name, _literal(con.get("entidad")), accion


@pytest.mark.lento
def test_cada_accion_tiene_su_nombre() -> None:
    """One that nobody registered shows raw on a page."""
    todas = {accion for palabras in ENTIDADES.values() for accion in palabras.acciones}
    sin_nombre = [
        (ruta, entidad, accion)
        for ruta, entidad, accion in escritas()
        if accion not in (ENTIDADES[entidad].acciones if entidad else todas)
    ]
    assert sin_nombre == []


def test_cada_maquina_es_una_entidad_registrada() -> None:
    """What has states has a history, and its badges a tone only for states that exist."""
    estados: dict[str, set[str]] = {}
    for nombre, modulo in list(sys.modules.items()):
        for cosa in vars(modulo).values() if nombre.endswith(".estados") else ():
            if isinstance(cosa, Maquina):
                suyos = estados.setdefault(cosa.entidad, set())
                suyos |= set(cosa.pasos).union(*cosa.pasos.values())
    assert {"afiliado", "campana", "conversion", "comision", "pago", "lote"} <= estados.keys()
    for entidad, suyos in estados.items():
        assert ENTIDADES[entidad].tonos.keys() <= suyos, entidad


def test_un_estado_tiene_un_tono(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulario, "ENTIDADES", dict(ENTIDADES))
    monkeypatch.setattr(vocabulario, "_TONOS", dict(vocabulario._TONOS))
    with pytest.raises(ValueError, match="pagado"):
        registrar("otra", Entidad("Otra", {}, tonos={"pagado": "mal"}))
    registrar("otra", Entidad("Otra", {"abrir": "Apertura"}, tonos={"abierta": "info"}))
    assert nombre_de_accion("otra", "abrir") == "Apertura"
    assert nombre_de_accion("otra", "volver_a_abrir") == "Volver a abrir"
    assert (tono_de("abierta"), tono_de("desconocido")) == ("info", "neutro")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("entidad", "entidad_id", "accion", "visible"),
    [
        ("liquidacion", "liq_1", "emitir", "Emisión"),
        ("politica", "pol_1", "publicar", "Versión publicada"),
        ("retencion", "ret_1", "publicar", "Versión publicada"),
        ("conversion", "conv_1", "validar", "Validación"),
    ],
)
def test_el_historial_se_busca_por_cualquier_identificador(
    admin_client: Any, entidad: str, entidad_id: str, accion: str, visible: str
) -> None:
    """Those of documents, policies and withholdings too, and their actions are told as nouns."""
    paso(entidad=entidad, entidad_id=entidad_id, accion=accion, actor=ANA).save()
    pagina = admin_client.get(reverse("admin:comun_historial_changelist"), {"q": entidad_id})
    assert [fila.entidad_id for fila in pagina.context["cl"].result_list] == [entidad_id]
    assert visible in pagina.content.decode()
