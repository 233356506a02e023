"""``GET /api/v1/afiliados/{id}/extracto``."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.selectors import buscar_afiliado
from afiliados.claves.models import Alcance
from alpespartner.comun.api.credencial import credencial
from alpespartner.comun.api.ficheros import DESCARGA, LA_SIGUIENTE, VistaDeDocumento
from alpespartner.comun.api.parametros import ENTERO_DESDE_1, entero_desde_1
from alpespartner.comun.dinero import texto
from alpespartner.comun.documentos.hojas import respuesta_csv
from alpespartner.comun.documentos.pdf import respuesta_pdf
from alpespartner.comun.errores import DatoInvalido
from comisiones.libro.documento import nombre_de, partes_de, pdf_de
from comisiones.libro.extracto import MES, Extracto, a_csv, extractos

_FORMATOS = ("json", "csv", "pdf")


class LineaSerializer(serializers.Serializer[object]):
    """A line, positive in the affiliate's favour."""

    fecha = serializers.DateTimeField()
    tipo = serializers.CharField()
    concepto = serializers.CharField()
    origen = serializers.CharField()
    asiento = serializers.CharField()
    importe = serializers.CharField()
    saldo = serializers.CharField()


class SelloSerializer(serializers.Serializer[object]):
    """Seal of a day of the ledger: keep it, and nothing up to that day can change unnoticed."""

    dia = serializers.DateField()
    sello = serializers.CharField()


class ExtractoSerializer(serializers.Serializer[object]):
    """Statement of one currency: opening, lines, closing."""

    afiliado_id = serializers.CharField()
    mes = serializers.CharField()
    moneda = serializers.CharField()
    apertura = serializers.CharField()
    lineas = LineaSerializer(many=True)
    cierre = serializers.CharField()
    sello = SelloSerializer(allow_null=True)


class ExtractoView(VistaDeDocumento):
    """Statement of an affiliate and a month, for programs, spreadsheets and people."""

    alcances = {"GET": Alcance.COMISIONES_LEER}
    parametros = ("mes", "formato", "parte")

    @extend_schema(
        operation_id="afiliados_extracto",
        parameters=[
            OpenApiParameter(
                "mes",
                {"type": "string", "pattern": MES, "example": "2026-03"},
                required=True,
                description="Mes en UTC, como 2026-03.",
            ),
            OpenApiParameter("formato", str, enum=list(_FORMATOS)),
            OpenApiParameter(
                "parte",
                ENTERO_DESDE_1,
                description="Del PDF: la siguiente se dice en la cabecera Link.",
            ),
            LA_SIGUIENTE,
            DESCARGA,
        ],
        responses={
            (200, "application/json"): ExtractoSerializer(many=True),
            (200, "text/csv"): OpenApiTypes.STR,
            (200, "application/pdf"): OpenApiTypes.BINARY,
        },
    )
    def get(self, request: Request, afiliado_id: str) -> HttpResponse | Response:
        """One statement per currency: opening balance, each ledger line, closing balance."""
        afiliado = buscar_afiliado(afiliado_id)
        propio = credencial(request).afiliado_id
        if afiliado is None or propio not in (None, afiliado.pk):
            raise Http404
        formato = request.query_params.get("formato", "json")
        if formato not in _FORMATOS:
            raise DatoInvalido(_("Se esperaba json, csv o pdf."), campo="formato")
        parte = entero_desde_1(request, "parte", omision=1)
        if parte > 1 and formato != "pdf":
            raise DatoInvalido(_("Solo el PDF va en partes."), campo="parte")
        mes = request.query_params.get("mes", "")
        hojas = extractos(afiliado, mes)
        if formato == "pdf":
            return _pdf(request, afiliado, mes, hojas, parte)
        if formato == "csv":
            return respuesta_csv(a_csv(hojas), nombre_de(afiliado, mes, "csv"))
        return Response([_representar(hoja) for hoja in hojas])


def _pdf(
    request: Request, afiliado: Afiliado, mes: str, hojas: list[Extracto], parte: int
) -> HttpResponse:
    total = partes_de(hojas)
    documento = pdf_de(afiliado, mes, hojas, parte)
    respuesta = respuesta_pdf(documento, nombre_de(afiliado, mes, "pdf", parte, total))
    if parte < total:
        consulta = urlencode({"mes": mes, "formato": "pdf", "parte": parte + 1})
        respuesta["Link"] = f'<{request.path}?{consulta}>; rel="next"'
    return respuesta


def _representar(hoja: Extracto) -> dict[str, object]:
    moneda = hoja.moneda
    return {
        "afiliado_id": hoja.afiliado_id,
        "mes": hoja.mes,
        "moneda": moneda,
        "apertura": texto(hoja.apertura, moneda),
        "lineas": [
            {
                # As the encoder would, which is slow to be asked ten thousand times.
                "fecha": fecha.isoformat().replace("+00:00", "Z"),
                "tipo": tipo, "concepto": concepto, "origen": origen, "asiento": asiento,
                "importe": str(importe), "saldo": str(saldo),
            }
            for fecha, tipo, concepto, origen, asiento, importe, saldo in hoja.lineas
        ],
        "cierre": texto(hoja.cierre, moneda),
        "sello": hoja.sello and {"dia": hoja.sello.dia, "sello": hoja.sello.sello},
    }  # fmt: skip
