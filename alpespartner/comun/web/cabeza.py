"""HEAD: the answer of GET without its body."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase


class CabezaSinCuerpo:
    """Middleware; it comes first, when the headers are those of the whole answer.

    The web server would drop the body by itself, with a warning for each request.
    """

    def __init__(self, siguiente: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._siguiente = siguiente

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer; of one to HEAD, only its status and headers."""
        respuesta = self._siguiente(request)
        if request.method == "HEAD":
            if isinstance(respuesta, HttpResponse):
                respuesta.content = b""
            else:
                respuesta.streaming_content = iter(())  # type: ignore[attr-defined]
        return respuesta
