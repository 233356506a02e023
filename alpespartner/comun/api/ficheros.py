"""Documents of the API: what every view that answers with a file shares."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
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
