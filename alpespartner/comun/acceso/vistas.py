"""The sign-in page."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse


def entrar(request: HttpRequest) -> HttpResponse:
    """The admin's page; with the status of a refusal when the password was not looked at."""
    respuesta = admin.site.login(request)
    if isinstance(respuesta, TemplateResponse) and respuesta.context_data:
        negado = getattr(respuesta.context_data.get("form"), "negado", None)
        if negado is not None:
            respuesta.status_code = negado.http
            respuesta.headers["Retry-After"] = str(negado.segundos)
    return respuesta
