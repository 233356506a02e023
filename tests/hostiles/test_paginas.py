"""Every page opens beside hostile rows, and shows the good ones as it did without them."""

from __future__ import annotations

import html
import json
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import models
from django.test import Client

from comisiones.comision.models import Comision
from tests import fabricas
from tests.hostiles.direcciones import FUERA, Direccion, direcciones
from tests.hostiles.filas import SEMILLA, TANDAS, Hostil, Sembrador
from tests.hostiles.mundo import Mundo, modelos, poblar
from tests.hostiles.valores import clase_de
from tests.hostiles.visitas import Visitas

# MySQL commits what is open when it lifts the ledger's triggers.
pytestmark = pytest.mark.django_db(transaction=True)

LEEN = [a for a in fabricas.TODOS_LOS_ALCANCES if a.endswith(":leer")]
# What one of a hostile row may answer: there is no document, or no such page, of it.
DE_UNA = (200, 302, 403, 404, 409)
# How many of the hostile rows have their pages opened every day.
CADA_DIA = 30
BUSQUEDAS = ("Socia", "pedido-1", "ada@example.com")


class Puertas:
    """Whoever may look: a superuser, a key of the programme and one of an affiliate."""

    def __init__(self, mundo: Mundo) -> None:
        self.jefa = Client()
        self.jefa.force_login(User.objects.create_superuser("jefa"))
        self.programa = fabricas.api(LEEN)
        suyos = [alcance for alcance in LEEN if not alcance.startswith("outbox")]
        self.suya = fabricas.api(suyos, de=mundo.socia)

    def de(self, direccion: Direccion) -> list[Client]:
        """Who opens an address."""
        return [self.jefa] if direccion.del_admin else [self.programa, self.suya]


def api_entera(visitas: Visitas, cliente: Client, ruta: str) -> Iterator[str]:
    """Each row of a list of the API, as text, page by page."""
    siguiente: str | None = ruta
    while siguiente:
        respuesta = visitas.abrir(cliente, siguiente, admite=(200, 403))
        if respuesta is None or respuesta.status_code != 200:
            return
        cuerpo = respuesta.json()
        if not isinstance(cuerpo, dict):
            return
        yield from (json.dumps(fila, sort_keys=True) for fila in cuerpo.get("resultados", ()))
        siguiente = cuerpo.get("siguiente")


_FILA = re.compile(r"<tr\b.*?</tr>", re.DOTALL)
_AGO = re.compile(r"hace [^<]*")


def admin_entero(
    visitas: Visitas, jefa: Client, modelo: type[models.Model], *, enteras: bool
) -> Iterator[str]:
    """Each row of a list of the admin, as a person reads it, page by page."""
    base = f"/admin/{modelo._meta.app_label}/{modelo._meta.model_name}/"
    enteros = _TODAS if modelo is Comision else _TODAS[:1]
    consultas = enteros if enteras else (*enteros, *_consultas(visitas, jefa, base))
    for consulta in consultas:
        respuesta = visitas.abrir(jefa, f"{base}?{consulta}")
        if respuesta is None or respuesta.context is None:
            continue
        paginas = respuesta.context["cl"].paginator.num_pages if "cl" in respuesta.context else 1
        for n in range(1, paginas + 1):
            if n > 1:
                respuesta = visitas.abrir(jefa, f"{base}?{consulta}&p={n}")
            if respuesta is not None and consulta in _TODAS:
                for fila in _FILA.findall(respuesta.todo.decode()):
                    llano = re.sub(r"<[^>]+>", " ", _AGO.sub("", fila))
                    enlace = re.search(r'href="([^"?]*/change/)', fila)
                    if enlace:
                        yield f"{enlace[1]} {' '.join(html.unescape(llano).split())}"


# The whole list: some open on what waits for somebody.
_TODAS = ("", "estado=todas")


def _consultas(visitas: Visitas, jefa: Client, base: str) -> Iterator[str]:
    """Each tab and filter of a list, and what is searched in it."""
    yield from (f"q={termino}" for termino in BUSQUEDAS)
    respuesta = visitas.abrir(jefa, base)
    lista = None if respuesta is None or respuesta.context is None else respuesta.context.get("cl")
    for filtro in lista.filter_specs if lista else ():
        campo = getattr(filtro, "field", None)
        if campo is not None and campo.flatchoices:
            yield from (f"{campo.name}__exact={valor}" for valor, _nombre in campo.flatchoices)
            continue
        for opcion in filtro.choices(lista):
            if isinstance(opcion, dict) and str(opcion.get("query_string", "")).startswith("?"):
                yield opcion["query_string"][1:]


def todas_las_listas(visitas: Visitas, puertas: Puertas, *, enteras: bool = False) -> set[str]:
    """Every row of every list, and every page that names no row; ``enteras`` without filters."""
    vistas: set[str] = set()
    for direccion in direcciones():
        if direccion.modelo is not None:
            continue
        ruta = f"/{direccion.ruta}"
        if direccion.del_admin:
            visitas.abrir(puertas.jefa, ruta, admite=(200, 302, 403))
            continue
        for cliente in puertas.de(direccion):
            vistas.update(api_entera(visitas, cliente, ruta))
    for modelo in admin.site._registry:
        if modelo._meta.app_label == "auth":
            continue
        vistas.update(admin_entero(visitas, puertas.jefa, modelo, enteras=enteras))
        for campo in modelo._meta.concrete_fields:
            if campo.is_relation:
                ruta = (
                    f"/admin/autocomplete/?app_label={modelo._meta.app_label}&term="
                    f"&model_name={modelo._meta.model_name}&field_name={campo.name}"
                )
                visitas.abrir(puertas.jefa, ruta, admite=(200, 403))
    return vistas


def fichas_de(
    visitas: Visitas, puertas: Puertas, por_modelo: dict[Any, list[tuple[Any, object]]]
) -> dict[tuple[str, bool], Any]:
    """Every page that names a row, of those rows. Returns the documents of the API."""
    documentos: dict[tuple[str, bool], Any] = {}
    for direccion in direcciones():
        if direccion.modelo is None:
            continue
        filas = dict(por_modelo.get(direccion.modelo, ()))
        publicos = direccion.modelo._default_manager.filter(pk__in=list(filas))
        for pk, *valores in publicos.values_list("pk", *direccion.padres, direccion.campo):
            if not all(re.fullmatch(r"\w+", str(valor)) for valor in valores):
                continue
            for ruta in direccion.de(*valores):
                for cliente in puertas.de(direccion):
                    respuesta = visitas.abrir(cliente, ruta, admite=DE_UNA, de=filas[pk])
                    if respuesta is not None and respuesta.get("Content-Type") == _JSON:
                        documentos[ruta, cliente is puertas.suya] = respuesta.json()
    return documentos


_JSON = "application/json"


def _buenas(sembrador: Sembrador, *, hasta: int) -> dict[Any, list[tuple[Any, object]]]:
    return {
        modelo: [(fila.pk, "buena") for fila in filas[-hasta:]]
        for modelo, filas in sembrador.buenas.items()
    }


def test_la_lista_de_lo_que_se_deja_no_crece_sola() -> None:
    """What is left out exists, and every address of a row says whose."""
    assert len(direcciones()) > 100
    assert len(FUERA) <= 9


@pytest.mark.lento
def test_todo_modelo_tiene_filas_que_estropear() -> None:
    """A new model, or a new kind of column, is asked for here."""
    poblar()
    vacios = [m._meta.label for m in modelos() if not m._base_manager.exists()]
    assert vacios == [], "que mundo.py haga una fila de cada"
    for modelo in modelos():
        for campo in modelo._meta.concrete_fields:
            clase_de(campo)


def _sembrado(
    por_columna: int | None, semilla: int
) -> tuple[Puertas, Sembrador, list[Hostil], Any]:
    puertas = Puertas(poblar())
    sembrador = Sembrador(semilla)
    antes = Visitas()
    buenas = _buenas(sembrador, hasta=1)
    de_antes = todas_las_listas(antes, puertas, enteras=True), fichas_de(antes, puertas, buenas)
    assert not antes.fallos, str(antes)
    hostiles = sembrador.sembrar(por_columna=por_columna)
    return puertas, sembrador, hostiles, de_antes


def _comprobar(visitas: Visitas, por_columna: int | None, semilla: int, cuantas: int) -> None:
    puertas, sembrador, hostiles, (listas, fichas) = _sembrado(por_columna, semilla)
    visitas.hechas["filas hostiles"] = len(hostiles)
    visitas.hechas["modelos"] = sembrador.cuenta.modelos
    visitas.hechas["columnas"] = sembrador.cuenta.columnas
    faltan = listas - todas_las_listas(visitas, puertas)
    for fila in sorted(faltan):
        visitas.fallar("una fila buena no se ve como antes", fila)
    elegidas = random.Random(semilla).sample(hostiles, min(cuantas, len(hostiles)))
    por_modelo: dict[Any, list[tuple[Any, object]]] = {}
    for hostil in elegidas:
        por_modelo.setdefault(hostil.modelo, []).append((hostil.pk, hostil))
    fichas_de(visitas, puertas, por_modelo)
    ahora = fichas_de(visitas, puertas, _buenas(sembrador, hasta=1))
    for cual, documento in fichas.items():
        if ahora.get(cual) != documento:
            visitas.fallar("el documento de una fila buena cambió", cual)
    assert not visitas.fallos, str(visitas)


@pytest.mark.lento
@pytest.mark.timeout(600)
def test_cada_pagina_se_abre(visitas: Visitas) -> None:
    _comprobar(visitas, 1, SEMILLA, CADA_DIA)


@pytest.mark.lento
@pytest.mark.timeout(1_500)
@pytest.mark.parametrize("tanda", range(1, TANDAS + 1))
def test_cada_pagina_se_abre_con_mas(visitas: Visitas, tanda: int) -> None:
    _comprobar(visitas, 3, SEMILLA + tanda, 10_000)
