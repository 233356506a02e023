"""Documents of the API: what every view that answers with a file shares."""

from __future__ import annotations

from django.utils.translation import gettext as _
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from alpespartner.comun.errores import DatoInvalido


class VistaDeDocumento(APIView):
    """A view that decides by itself what it answers with."""

    def perform_content_negotiation(
        self, request: Request, force: bool = False
    ) -> tuple[BaseRenderer, str]:
        """Asking for the kind of file that it gives must not be refused."""
        return super().perform_content_negotiation(request, force=True)


def parte_pedida(request: Request) -> int:
    """Part of a document named by ``?parte=``, the first by default; raises DatoInvalido."""
    texto = request.query_params.get("parte", "1")
    if not (texto.isascii() and texto.isdigit() and len(texto) < 7):
        raise DatoInvalido(_("Se esperaba un número desde 1."), campo="parte")
    return int(texto)
