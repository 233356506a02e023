"""The one place that every page of the staff passes through."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from alpespartner.comun.acceso import entrada, sesiones
from alpespartner.comun.acceso.errores import FaltaPresencia
from alpespartner.comun.acceso.identidad import pedir


class Puerta:
    """Middleware; it comes right after the one that says who signed in.

    A session without the second factor that is asked for now is closed, however it was opened. What
    a service refuses until its person shows that they are there is answered with the page that asks
    for it, whichever page it was.
    """

    def __init__(self, siguiente: Callable[[HttpRequest], HttpResponse]) -> None:
        self._siguiente = siguiente

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer."""
        if not request.user.is_authenticated:
            return self._siguiente(request)
        if not entrada.es_valida(request):
            logout(request)
            return self._siguiente(request)
        sesiones.anotar_vista(request)
        antes = request.session.session_key
        respuesta = self._siguiente(request)
        if antes != request.session.session_key and request.user.is_authenticated and antes:
            sesiones.mudar(request, antes)
        return respuesta

    def process_exception(self, request: HttpRequest, exc: Exception) -> HttpResponse | None:
        """The page that asks, for that refusal only."""
        return pedir(request) if isinstance(exc, FaltaPresencia) else None
