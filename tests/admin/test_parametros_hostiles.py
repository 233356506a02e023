"""Whatever is written in an address of the admin is a 400, a 404 or an empty result."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import models
from django.test import Client
from django.urls import reverse

ENORME = "9" * 20
NUMEROS = [
    ENORME, f"-{ENORME}", "9" * 400, "9" * 5_000, "9223372036854775808", "-9223372036854775809",
    "18446744073709551616", "-1", "0", "1e999", "1.5", "NaN", "inf", "٣", "２", " 1 ", "1_0",
    "0x1", "", "a", "á\x00b", "\ud83d", "%", "' OR 1=1", "[]", "{}", "null",
]  # fmt: skip
FECHAS = [
    "0001-01-01", "9999-12-31", "9999-12-31 23:59:59", "10000-01-01", "2026-02-30", "0000-00-00",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "２０２６-01-01",
]  # fmt: skip
VALORES = [*NUMEROS, *FECHAS, f"1,{ENORME}", f"{ENORME},{ENORME}", ",", "1," * 50]
PROPIOS = ("p", "q", "o", "e", "all", "_facets", "_popup", "_to_field", "nada", "nada__exact", "pk",
           "pk__in", "id__in", "id__exact", "id__gt")  # fmt: skip
SUFIJOS = ("", "__exact", "__in", "__isnull", "__gte", "__lte", "__gt", "__lt", "__year", "__date",
           "__id__exact", "__pk__in", "__id", "_from", "_to", "__range", "__regex")  # fmt: skip
# A request takes some hundredths of a second: each page gets a part of them, always the same.
POR_PAGINA = 30


def paginas() -> list[type[models.Model]]:
    return sorted(admin.site._registry, key=lambda modelo: modelo._meta.label)


def parametros(modelo: type[models.Model]) -> Iterator[str]:
    """Of the list itself, and of each filter in each way it may be asked."""
    yield from PROPIOS
    pagina = admin.site._registry[modelo]
    for filtro in pagina.list_filter:
        campo = filtro[0] if isinstance(filtro, tuple) else filtro
        nombre = campo if isinstance(campo, str) else campo.parameter_name
        yield from (f"{nombre}{sufijo}" for sufijo in SUFIJOS)


@pytest.fixture
def jefa(db) -> Client:
    cliente = Client(raise_request_exception=True)
    cliente.force_login(User.objects.create_superuser("jefa"))
    return cliente


def url(modelo: type[models.Model], vista: str, *args: object) -> str:
    opciones = modelo._meta
    return reverse(f"admin:{opciones.app_label}_{opciones.model_name}_{vista}", args=args)


def combinaciones(modelo: type[models.Model]) -> list[tuple[str, str]]:
    todas = [(p, v) for p in parametros(modelo) for v in VALORES]
    azar = random.Random(modelo._meta.label)
    # Always those that were seen to fail.
    fijas = [(p, ENORME) for p in parametros(modelo) if p in PROPIOS or "__" in p]
    fijas = azar.sample(fijas, min(POR_PAGINA, len(fijas)))
    return fijas + azar.sample(todas, min(POR_PAGINA, len(todas)))


@pytest.mark.lento
@pytest.mark.parametrize("modelo", paginas(), ids=lambda m: m._meta.model_name)
def test_filtros_busquedas_y_paginas(jefa, modelo):
    lista = url(modelo, "changelist")
    for parametro, valor in combinaciones(modelo):
        limpio = valor.encode("utf-8", "replace").decode()
        try:
            respuesta = jefa.get(lista, {parametro: limpio})
        except Exception as exc:
            pytest.fail(f"{parametro}={valor[:40]!r}: {exc!r}")
        assert respuesta.status_code in (200, 302, 400), (parametro, valor[:40])


@pytest.mark.lento
@pytest.mark.parametrize("modelo", paginas(), ids=lambda m: m._meta.model_name)
def test_identificadores(jefa, modelo):
    rutas = ["change", "history", "delete"]
    for nombre in ("avance", "accion"):
        if f"{modelo._meta.app_label}_{modelo._meta.model_name}_{nombre}" in _nombres():
            rutas.append(nombre)
    for vista in rutas:
        for valor in [*random.Random(modelo._meta.label).sample(VALORES, 6), ENORME]:
            limpio = valor.encode("utf-8", "replace").decode()
            if not limpio.strip() or limpio in (".", ".."):
                continue
            args = (limpio, "aprobar") if vista == "accion" else (limpio,)
            direccion = url(modelo, vista, *args)
            for pedir in (jefa.get, jefa.post):
                try:
                    respuesta = pedir(direccion)
                except Exception as exc:
                    pytest.fail(f"{pedir.__name__} {vista} {valor[:40]!r}: {exc!r}")
                assert respuesta.status_code in (302, 400, 403, 404, 405), (vista, valor[:40])


def _nombres() -> set[str]:
    return {p.name for m in admin.site._registry.values() for p in m.get_urls() if p.name}


@pytest.mark.lento
@pytest.mark.parametrize("modelo", paginas(), ids=lambda m: m._meta.model_name)
def test_acciones_sobre_una_seleccion(jefa, modelo):
    lista = url(modelo, "changelist")
    propias = list(admin.site._registry[modelo].actions or ())
    for accion in [*propias, "nada"]:
        for valor in (ENORME, "a", "", "1e999", f"{ENORME},1", "á\x00"):
            datos = {
                "action": accion, "_selected_action": valor.encode("utf-8", "replace").decode(),
                "index": "0",
            }  # fmt: skip
            for mas in ({}, {"index": ENORME}, {"select_across": ENORME}):
                try:
                    respuesta = jefa.post(lista, {**datos, **mas})
                except Exception as exc:
                    pytest.fail(f"{accion} {valor[:40]!r} {mas}: {exc!r}")
                assert respuesta.status_code in (200, 302, 400, 403), (accion, valor[:40])
                if valor != ENORME:
                    break


@pytest.mark.lento
def test_autocompletado(jefa):
    for modelo in paginas():
        for campo in modelo._meta.get_fields():
            if not isinstance(campo, models.ForeignKey):
                continue
            for clave, valor in (("page", ENORME), ("page", "-1"), ("page", "x"), ("term", "á\x00"),
                                 ("term", ENORME), ("field_name", ENORME)):  # fmt: skip
                datos = {
                    "app_label": modelo._meta.app_label, "model_name": modelo._meta.model_name,
                    "field_name": campo.name, clave: valor,
                }  # fmt: skip
                respuesta = jefa.get("/admin/autocomplete/", datos)
                assert respuesta.status_code in (200, 400, 403, 404), (modelo, campo, clave, valor)
