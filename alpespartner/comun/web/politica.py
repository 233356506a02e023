"""Content-Security-Policy: what a page may load, run and send to."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

_PAGINA = (
    "default-src 'none'; script-src 'self'{script}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
# The admin's interface evaluates the expressions of its own templates, and writes its colours as
# a style; no script is ever inline.
DE_ADMIN = _PAGINA.format(script=" 'unsafe-eval'")
DE_PAGINA = _PAGINA.format(script="")
DE_DATOS = "default-src 'none'; frame-ancestors 'none'"


class PoliticaDeContenido:
    """Middleware that gives every answer the narrowest policy it works with."""

    def __init__(self, siguiente: Callable[[HttpRequest], HttpResponse]) -> None:
        self._siguiente = siguiente

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer with its policy."""
        respuesta = self._siguiente(request)
        tipo = respuesta.headers.get("Content-Type", "").partition(";")[0]
        if tipo != "text/html":
            politica = DE_DATOS
        else:
            politica = DE_ADMIN if request.path_info.startswith("/admin/") else DE_PAGINA
        respuesta.headers.setdefault("Content-Security-Policy", politica)
        return respuesta
