"""Bodies are refused by their length, before any of them is read."""

from __future__ import annotations

import io

import pytest
from django.contrib.auth.models import User
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.test import Client, RequestFactory

GRANDE = 150_000_000
EXTRACTO = "/admin/comisiones/extractobanco/add/"


class Cuerpo(io.BytesIO):
    """An empty body that knows whether somebody asked for a byte of it."""

    leido = False

    def read(self, *args):
        self.leido = True
        return b""


def pedir(ruta, longitud=GRANDE, tipo="multipart/form-data; boundary=x", **mas):
    entorno = RequestFactory().generic("POST", ruta, content_type=tipo).environ
    entorno["CONTENT_TYPE"] = tipo
    entorno["wsgi.input"] = cuerpo = Cuerpo()
    # With a form's token, so that looking for the form's own half of it reads the body.
    entorno["HTTP_COOKIE"] = f"csrftoken={'a' * 32}; {mas.pop('HTTP_COOKIE', '')}"
    entorno |= mas
    if longitud is not None:
        entorno["CONTENT_LENGTH"] = str(longitud)
    respuesta = WSGIHandler().get_response(WSGIRequest(entorno))
    cabeceras = {nombre.lower(): valor for nombre, valor in respuesta.items()}
    cabeceras |= {"estado": respuesta.status_code, "cuerpo": respuesta.content.decode()}
    assert cuerpo.leido == (respuesta.status_code not in (411, 413))
    return cabeceras


@pytest.mark.django_db
@pytest.mark.una_base
@pytest.mark.parametrize(
    "ruta",
    ["/admin/login/", EXTRACTO, "/idioma", "/admin/comisiones/comision/1/accion/aprobar/",
     "/no/hay", "/admin/", "/"],
)  # fmt: skip
@pytest.mark.parametrize(
    "tipo", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "text/plain"]
)
def test_150_mb_a_una_pagina(ruta, tipo):
    respuesta = pedir(ruta, tipo=tipo, HTTP_ACCEPT="text/html")
    assert respuesta["estado"] == 413
    assert "1 MB" in respuesta["cuerpo"]
    assert "<h1>" in respuesta["cuerpo"]


@pytest.mark.django_db
@pytest.mark.una_base
@pytest.mark.parametrize(
    "ruta", ["/api/v1/conversiones", "/api/v1/conversiones/lote", "/commissions/calculate"]
)
@pytest.mark.parametrize("tipo", ["application/json", "multipart/form-data; boundary=x"])
def test_150_mb_a_la_api(ruta, tipo):
    respuesta = pedir(ruta, tipo=tipo)
    assert respuesta["estado"] == 413
    assert respuesta["content-type"] == "application/problem+json"
    assert '"peticion_demasiado_grande"' in respuesta["cuerpo"]


@pytest.mark.django_db
@pytest.mark.una_base
def test_un_extracto_de_150_mb_de_quien_puede_importar():
    cliente = Client()
    cliente.force_login(User.objects.create_superuser("jefa"))
    galleta = "; ".join(f"{m.key}={m.value}" for m in cliente.cookies.values())
    respuesta = pedir(EXTRACTO, HTTP_COOKIE=galleta, HTTP_ACCEPT="text/html")
    assert respuesta["estado"] == 413
    assert "11 MB" in respuesta["cuerpo"]
    # One that fits is read; elsewhere it would not be.
    assert pedir(EXTRACTO, 10_900_000, HTTP_COOKIE=galleta)["estado"] == 403, "it was read"
    assert pedir("/admin/login/", 10_900_000, HTTP_COOKIE=galleta)["estado"] == 413


@pytest.mark.django_db
@pytest.mark.una_base
def test_los_dos_lados_del_borde():
    assert pedir("/admin/login/", 1_000_001)["estado"] == 413
    assert pedir("/admin/login/", 1_000_000)["estado"] == 403, "it was read"


@pytest.mark.django_db
@pytest.mark.una_base
def test_sin_longitud_no_se_lee():
    assert pedir("/api/v1/conversiones", None, HTTP_TRANSFER_ENCODING="chunked")["estado"] == 411
