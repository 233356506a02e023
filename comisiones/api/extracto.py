"""``GET /api/v1/afiliados/{id}/extracto``."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afiliados.models import Alcance
from afiliados.selectors import buscar_afiliado
from alpespartner.comun.api.credencial import credencial
from alpespartner.comun.dinero import texto
from alpespartner.comun.errores import DatoInvalido
from comisiones.libro.extracto import Extracto, a_csv, extractos


class LineaSerializer(serializers.Serializer[object]):
    """A line, positive in the affiliate's favour."""

    fecha = serializers.DateTimeField()
    tipo = serializers.CharField()
    concepto = serializers.CharField()
    origen = serializers.CharField()
    asiento = serializers.CharField()
    importe = serializers.CharField()
    saldo = serializers.CharField()


class ExtractoSerializer(serializers.Serializer[object]):
    """Statement of one currency: opening, lines, closing."""

    afiliado_id = serializers.CharField()
    mes = serializers.CharField()
    moneda = serializers.CharField()
    apertura = serializers.CharField()
    lineas = LineaSerializer(many=True)
    cierre = serializers.CharField()


class ExtractoView(APIView):
    """Statement of an affiliate and a month."""

    alcances = {"GET": Alcance.COMISIONES_LEER}

    @extend_schema(
        operation_id="afiliados_extracto",
        parameters=[
            OpenApiParameter("mes", str, required=True, description="Mes en UTC, como 2026-03."),
            OpenApiParameter("formato", str, enum=["json", "csv"]),
        ],
        responses=ExtractoSerializer(many=True),
    )
    def get(self, request: Request, afiliado_id: str) -> HttpResponse | Response:
        """One statement per currency: opening balance, each ledger line, closing balance."""
        afiliado = buscar_afiliado(afiliado_id)
        propio = credencial(request).afiliado_id
        if afiliado is None or propio not in (None, afiliado.pk):
            raise Http404
        formato = request.query_params.get("formato", "json")
        if formato not in ("json", "csv"):
            raise DatoInvalido("Se esperaba json o csv.", campo="formato")
        hojas = extractos(afiliado, request.query_params.get("mes", ""))
        if formato == "json":
            return Response([_representar(hoja) for hoja in hojas])
        nombre = f"extracto-{afiliado.id_publico}-{request.query_params['mes']}.csv"
        return HttpResponse(
            a_csv(hojas),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{nombre}"'},
        )


def _representar(hoja: Extracto) -> dict[str, object]:
    moneda = hoja.moneda
    return {
        "afiliado_id": hoja.afiliado_id,
        "mes": hoja.mes,
        "moneda": moneda,
        "apertura": texto(hoja.apertura, moneda),
        "lineas": [
            {
                "fecha": linea.fecha, "tipo": linea.tipo, "concepto": linea.concepto,
                "origen": linea.origen, "asiento": linea.asiento,
                "importe": texto(linea.importe, moneda), "saldo": texto(linea.saldo, moneda),
            }
            for linea in hoja.lineas
        ],
        "cierre": texto(hoja.cierre, moneda),
    }  # fmt: skip
