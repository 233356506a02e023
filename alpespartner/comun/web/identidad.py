"""``X-Request-Id``: what its caller and our log call a request."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from alpespartner.comun.peticion import peticion

CABECERA = "X-Request-Id"


class IdDePeticion:
    """Middleware: takes or makes the id, and says it in the answer."""

    def __init__(self, siguiente: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._siguiente = siguiente

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer with its id."""
        with peticion(request.headers.get(CABECERA, "")) as uno:
            respuesta = self._siguiente(request)
        respuesta.headers[CABECERA] = uno
        return respuesta
