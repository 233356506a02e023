"""A body is refused by its length, before any of it is read."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from alpespartner.comun.web.paginas import responder_error


class TamanoMaximo:
    """Middleware; it comes after authentication and before whatever reads a form.

    Only who signed in may send a file, and only to the pages in ``SUBIDAS``.
    """

    def __init__(self, siguiente: Callable[[HttpRequest], HttpResponse]) -> None:
        self._siguiente = siguiente

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, or a 413; a body of unknown length is a 411."""
        if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
            return responder_error(
                request, 411, "falta_longitud", _("Envía la cabecera Content-Length.")
            )
        longitud = int(request.META.get("CONTENT_LENGTH") or 0)
        if longitud > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            admite = _admite(request)
            if longitud > admite:
                return responder_error(
                    request,
                    413,
                    "peticion_demasiado_grande",
                    _("El cuerpo admite hasta %(mb)s MB.") % {"mb": admite // 1_000_000},
                )
        return self._siguiente(request)


def _admite(request: HttpRequest) -> int:
    subida = settings.SUBIDAS.get(request.path_info)
    if subida is None or not request.user.is_staff:
        return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    return int(subida)
