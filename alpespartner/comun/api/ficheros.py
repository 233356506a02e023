"""Documents of the API: what every view that answers with a file shares."""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags
from drf_spectacular.utils import OpenApiParameter
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

# Headers of their answers, for the API's document.
DESCARGA = OpenApiParameter(
    "Content-Disposition", str, OpenApiParameter.HEADER, response=[200], description="Its name."
)
LA_SIGUIENTE = OpenApiParameter(
    "Link",
    str,
    OpenApiParameter.HEADER,
    response=[200],
    description='The part that follows, with `rel="next"`.',
)


class VistaDeDocumento(APIView):
    """A view that decides by itself what it answers with."""

    def perform_content_negotiation(
        self, request: Request, force: bool = False
    ) -> tuple[BaseRenderer, str]:
        """Asking for the kind of file that it gives must not be refused."""
        return super().perform_content_negotiation(request, force=True)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """The document with its label, or only that its caller has it already."""
        respuesta: Any = super().finalize_response(request, response, *args, **kwargs)
        # What is JSON is written later, and is no document.
        if respuesta.status_code != 200 or not isinstance(respuesta, HttpResponse):
            return respuesta
        if isinstance(respuesta, Response):
            return respuesta
        return _con_huella(request, respuesta)


def _con_huella(request: Request, respuesta: HttpResponse) -> HttpResponse:
    """The same bytes have the same label, in whatever language they are."""
    etiqueta = f'"{hashlib.sha256(respuesta.content).hexdigest()[:32]}"'
    tiene = parse_etags(request.headers.get("If-None-Match", ""))
    # Compressing an answer makes its label a weak one.
    if tiene == ["*"] or etiqueta in {una.removeprefix("W/") for una in tiene}:
        igual = HttpResponseNotModified()
        for cabecera in ("Cache-Control", "Link", "Vary"):
            if cabecera in respuesta:
                igual[cabecera] = respuesta[cabecera]
        respuesta = igual
    respuesta["ETag"] = etiqueta
    return respuesta
