"""The measuring rod: a DRF view that makes two plain inserts and nothing else."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from banco.models import Cobro, Venta


class VistaPelada(APIView):
    """No key, no validation, no idempotency, no history, no event."""

    authentication_classes = ()
    permission_classes = ()

    def post(self, request: Request) -> Response:
        """Two rows in one transaction."""
        datos: Any = request.data
        importe = Decimal(datos["grossAmount"])
        with transaction.atomic():
            venta = Venta(
                referencia=datos["conversionId"],
                afiliado=datos["affiliateId"],
                importe=importe,
                moneda=datos["currency"],
            )
            venta.save(force_insert=True)
            cobro = Cobro(venta=venta, monto=importe / 10)
            cobro.save(force_insert=True)
        return Response({"id": venta.pk, "monto": str(cobro.monto)}, status=201)
