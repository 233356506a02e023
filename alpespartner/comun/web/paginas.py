"""Errors of the whole site: a page of our own for people, problem+json for programs."""

from __future__ import annotations

import logging
import sys

from django.core.exceptions import DisallowedHost
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from alpespartner.comun.api.problemas import TIPO, con_peticion, cuerpo_problema
from alpespartner.comun.db.escritura import no_escribe
from alpespartner.comun.db.reintento import es_pasajero

log = logging.getLogger(__name__)
DE_PROGRAMAS = ("/api/", "/commissions", "/debug/", "/health", "/openapi")


def responder_error(
    request: HttpRequest,
    estado: int,
    codigo: str,
    detalle: str,
    cabeceras: dict[str, str] | None = None,
) -> HttpResponse:
    """The error in the form that its caller reads. It asks nothing of the database."""
    cuerpo = cuerpo_problema(estado, codigo, detalle)
    if _pide_json(request):
        return JsonResponse(
            con_peticion(cuerpo), status=estado, content_type=TIPO, headers=cabeceras
        )
    contexto = {"titulo": cuerpo["title"], "detalle": detalle, "estado": estado}
    pagina = render_to_string("error.html", {**contexto, "idioma": translation.get_language()})
    return HttpResponse(pagina, status=estado, headers=cabeceras)


def _pide_json(request: HttpRequest) -> bool:
    if request.path_info.startswith(DE_PROGRAMAS):
        return True
    return not request.path_info.startswith("/admin") and "text/html" not in request.headers.get(
        "Accept", ""
    )


def _en_su_idioma(request: HttpRequest) -> translation.override:
    # What fails before the language is chosen is told in the caller's, too.
    return translation.override(translation.get_language_from_request(request))


def peticion_mala(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    with _en_su_idioma(request):
        if isinstance(exception, DisallowedHost):
            detalle = _("Este sitio no se llama así: revisa la dirección.")
            return responder_error(request, 400, "host_desconocido", detalle)
        return responder_error(
            request, 400, "peticion_invalida", _("La petición tiene un dato que no se entiende.")
        )


def prohibido(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    with _en_su_idioma(request):
        return responder_error(
            request, 403, "sin_permiso", _("Tu usuario no tiene permiso para esto.")
        )


def sin_formulario(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of a form that came from elsewhere, or from before its session."""
    with _en_su_idioma(request):
        return responder_error(
            request,
            403,
            "formulario_caducado",
            _("El formulario caducó o vino de otro sitio: recarga la página y repítelo."),
        )


def no_encontrado(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    with _en_su_idioma(request):
        return responder_error(request, 404, "no_encontrado", _("No hay nada en esta dirección."))


def error_interno(request: HttpRequest) -> HttpResponse:
    """500, which says nothing of its cause: the log does. 503 when it is only a bad moment."""
    exc = sys.exc_info()[1]
    with _en_su_idioma(request):
        if no_escribe(exc):
            detalle = _("Ahora no se puede guardar nada: inténtalo más tarde.")
            return responder_error(request, 503, "sin_escritura", detalle, {"Retry-After": "30"})
        if isinstance(exc, OperationalError) and es_pasajero(exc):
            detalle = _("La base de datos está ocupada y no se guardó nada: repite la petición.")
            return responder_error(
                request, 503, "base_de_datos_ocupada", detalle, {"Retry-After": "1"}
            )
        return responder_error(
            request, 500, "error_interno", _("Ha fallado algo nuestro. Puedes repetir la petición.")
        )
