"""``X-Request-Id``: what its caller and our log call a request."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from alpespartner.comun.medidas import peticiones
from alpespartner.comun.peticion import peticion

CABECERA = "X-Request-Id"
_METODOS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
rastro = logging.getLogger("rastro")


class IdDePeticion:
    """Middleware: takes or makes the id, and says it in the answer."""

    def __init__(self, siguiente: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._siguiente = siguiente

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer with its id."""
        with peticion(request.headers.get(CABECERA, "")) as uno:
            empezo = time.perf_counter()
            respuesta = self._siguiente(request)
            self._decir(request, respuesta, time.perf_counter() - empezo)
        respuesta.headers[CABECERA] = uno
        return respuesta

    def _decir(self, request: HttpRequest, respuesta: HttpResponseBase, segundos: float) -> None:
        """To whoever measures, and in the log: the address as the site declares it, since those of
        links and mails carry what is nobody else's."""
        hallada = request.resolver_match
        vista = "/" + (hallada.route if hallada is not None else "…")
        metodo = request.method if request.method in _METODOS else "OTRO"
        peticiones.labels(vista, metodo, respuesta.status_code).observe(segundos)
        rastro.info(
            "%s %s %s", metodo, vista, respuesta.status_code,
            extra={
                "vista": vista, "estado": respuesta.status_code, "ms": round(segundos * 1000)
            },
        )  # fmt: skip
