"""``/api/v1/avisos``: what gateways tell by themselves."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from comisiones.pagos.conciliacion.avisos import recibir_aviso


class AvisoStripeView(APIView):
    """Events of Stripe. Their signature is what authenticates them: there is no key."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="avisos_stripe",
        request=OpenApiTypes.OBJECT,
        parameters=[
            OpenApiParameter(
                "Stripe-Signature", str, OpenApiParameter.HEADER, description="Of the raw body."
            )
        ],
        responses={200: {"type": "object", "properties": {"recibido": {"type": "boolean"}}}},
    )
    def post(self, request: Request) -> Response:
        """200 once it is kept, or was already; 400 `firma_invalida`, with nothing written."""
        # As it came: parsed and written again it would not be what was signed.
        recibir_aviso(
            pasarela="stripe",
            cuerpo=request._request.body,
            firma=request.headers.get("Stripe-Signature", ""),
        )
        return Response({"recibido": True})
