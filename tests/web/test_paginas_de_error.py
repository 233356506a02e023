"""Error pages: our own, in both languages; problem+json for programs; a policy on every answer."""

from __future__ import annotations

import logging
import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import path

from alpespartner.comun.web.politica import DE_ADMIN, DE_DATOS, DE_PAGINA
from alpespartner.urls import (
    handler400,  # noqa: F401 - the handlers of this address table, too
    handler403,  # noqa: F401
    handler404,  # noqa: F401
    handler500,  # noqa: F401
)
from alpespartner.urls import urlpatterns as propias
from scripts.compilar_textos import main as compilar


def _falla(request):
    raise ZeroDivisionError


urlpatterns = [path("admin/falla", _falla), path("falla", _falla), *propias]

TITULOS = {
    ("es", 400): "Petición no válida", ("en", 400): "Invalid request",
    ("es", 403): "Sin permiso", ("en", 403): "No permission",
    ("es", 404): "No encontrado", ("en", 404): "Not found",
    ("es", 500): "Error interno", ("en", 500): "Internal error",
}  # fmt: skip
CASOS = {
    "sitio-400": (400, "get", "/admin/login/", {"HTTP_HOST": "malo.test"}),
    "admin-403": (403, "get", "/admin/auth/user/", {}),
    "csrf-403": (403, "post", "/idioma", {}),
    "admin-404": (404, "get", "/admin/nada/", {}),
    "sitio-404": (404, "get", "/nada", {}),
    "admin-500": (500, "get", "/admin/falla", {}),
    "sitio-500": (500, "get", "/falla", {}),
}


@pytest.fixture(autouse=True)
def _sitio(settings, db):
    compilar()
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def cliente():
    cliente = Client(raise_request_exception=False, enforce_csrf_checks=True)
    cliente.force_login(User.objects.create_user("mira", is_staff=True))
    return cliente


@pytest.mark.parametrize("idioma", ["es", "en"])
@pytest.mark.parametrize("caso", CASOS)
def test_paginas_propias(cliente, caso, idioma):
    estado, metodo, ruta, mas = CASOS[caso]
    respuesta = getattr(cliente, metodo)(
        ruta, headers={"accept": "text/html", "accept-language": idioma}, **mas
    )
    assert respuesta.status_code == estado
    pagina = respuesta.content.decode()
    assert f'<html lang="{idioma}">' in pagina
    assert f"<h1>{TITULOS[idioma, estado]}</h1>" in pagina
    assert "Traceback" not in pagina


@pytest.mark.parametrize(
    ("estado", "ruta", "mas"),
    [(400, "/api/v1/comisiones", {"HTTP_HOST": "malo.test"}), (404, "/api/v1/nada", {}),
     (404, "/debug/nada", {}), (401, "/api/v1/comisiones", {})],
)  # fmt: skip
@pytest.mark.parametrize("acepta", ["text/html,*/*;q=0.8", "*/*"])
def test_la_api_contesta_siempre_con_problemas(estado, ruta, mas, acepta):
    respuesta = Client().get(ruta, headers={"accept": acepta}, **mas)
    assert respuesta.status_code == estado
    assert respuesta.headers["Content-Type"].startswith("application/problem+json")
    assert respuesta.json()["status"] == estado


def test_un_host_ajeno_es_una_linea(caplog, cliente):
    from alpespartner.comun.web.registro import SinTraza

    caplog.handler.addFilter(SinTraza())
    with caplog.at_level(logging.INFO):
        cliente.get("/admin/login/", HTTP_HOST="malo.test")
    [linea] = [
        r for r in caplog.records if r.levelno >= logging.WARNING and "django.req" not in r.name
    ]
    assert linea.exc_info is None
    assert linea.levelname == "WARNING"
    assert "malo.test" in linea.getMessage()


@pytest.mark.parametrize(
    ("ruta", "politica"),
    [("/admin/", DE_ADMIN), ("/admin/login/", DE_ADMIN), ("/docs", DE_PAGINA), ("/nada", DE_PAGINA),
     ("/health", DE_DATOS), ("/openapi.json", DE_DATOS), ("/api/v1/comisiones", DE_DATOS),
     ("/", DE_PAGINA)],
)  # fmt: skip
def test_toda_respuesta_tiene_politica(cliente, ruta, politica):
    respuesta = cliente.get(ruta, headers={"accept": "text/html"})
    assert respuesta.headers["Content-Security-Policy"] == politica
    assert "unsafe-inline" not in politica.partition("style-src")[0]


def test_ningun_guion_va_dentro_de_una_pagina(cliente):
    """The policy would not run it."""
    jefa = Client()
    jefa.force_login(User.objects.create_superuser("jefa"))
    for ruta in ("/admin/", "/admin/comisiones/comision/", "/admin/auth/user/add/", "/docs",
                 "/admin/comisiones/regla/add/", "/admin/password_change/"):  # fmt: skip
        pagina = jefa.get(ruta).content.decode()
        assert re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*json)[^>]*>", pagina) == [], ruta
        assert re.findall(r"\son[a-z]+=", pagina) == [], ruta
