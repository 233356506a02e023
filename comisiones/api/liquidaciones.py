"""``/api/v1/liquidaciones``: the numbered documents of payments."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request

from afiliados.claves.models import Alcance
from alpespartner.comun.api.credencial import Credencial, credencial
from alpespartner.comun.api.ficheros import DESCARGA, LA_SIGUIENTE, VistaDeDocumento
from alpespartner.comun.api.nombres import FiltroDeOtro, FiltroNombre
from alpespartner.comun.api.parametros import ENTERO_DESDE_1, entero_desde_1
from alpespartner.comun.dinero import texto
from alpespartner.comun.documentos.pdf import respuesta_pdf
from comisiones.liquidaciones.documento import nombre_de, partes_de, pdf_de
from comisiones.liquidaciones.models import Liquidacion, TipoLiquidacion


def liquidaciones_visibles(clave: Credencial) -> QuerySet[Liquidacion]:
    """Documents that a key may see: an affiliate's own, or all for a key of the programme."""
    todas = Liquidacion.objects.select_related("afiliado", "pago")
    return todas.filter(afiliado_id=clave.afiliado_id) if clave.afiliado_id else todas


class LiquidacionSerializer(serializers.Serializer[Liquidacion]):
    """A document without its lines, which are the payment's."""

    liquidacion_id = serializers.CharField(source="id_publico")
    numero = serializers.CharField(source="numero_completo")
    tipo = serializers.ChoiceField(TipoLiquidacion.choices)
    afiliado_id = serializers.CharField(source="afiliado.id_publico")
    pago_id = serializers.CharField(source="pago.id_publico")
    importe = serializers.SerializerMethodField()
    moneda = serializers.CharField()
    emitida_en = serializers.DateTimeField()

    def get_importe(self, obj: Liquidacion) -> str:
        """Decimal of the currency's digits; negative in a ``rectificativa``."""
        return texto(obj.importe, obj.moneda)


class FiltroLiquidaciones(django_filters.FilterSet):
    """Filters of the list."""

    afiliado_id = FiltroNombre("afiliado", max_length=64)
    pago_id = FiltroDeOtro("pago", "id_publico", max_length=64)

    class Meta:
        model = Liquidacion
        fields = ("afiliado_id", "pago_id")


class LiquidacionesView(generics.ListAPIView[Liquidacion]):
    """Documents, newest first."""

    alcances = {"GET": Alcance.PAGOS_LEER}
    serializer_class = LiquidacionSerializer
    filterset_class = FiltroLiquidaciones
    queryset = Liquidacion.objects.all()

    def get_queryset(self) -> QuerySet[Liquidacion]:
        return liquidaciones_visibles(credencial(self.request))


class LiquidacionView(generics.RetrieveAPIView[Liquidacion]):
    """One document."""

    alcances = {"GET": Alcance.PAGOS_LEER}
    serializer_class = LiquidacionSerializer
    lookup_field = "id_publico"
    lookup_url_kwarg = "liquidacion_id"
    queryset = Liquidacion.objects.all()

    def get_queryset(self) -> QuerySet[Liquidacion]:
        return liquidaciones_visibles(credencial(self.request))


class DocumentoView(VistaDeDocumento):
    """A document as PDF."""

    alcances = {"GET": Alcance.PAGOS_LEER}
    parametros = ("parte",)

    @extend_schema(
        operation_id="liquidaciones_documento",
        parameters=[
            OpenApiParameter(
                "parte", ENTERO_DESDE_1, description="La siguiente se dice en la cabecera Link."
            ),
            LA_SIGUIENTE,
            DESCARGA,
        ],
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, liquidacion_id: str) -> HttpResponse:
        """Who bills whom and each thing paid, up to 500 lines a part."""
        visibles = liquidaciones_visibles(credencial(request))
        liquidacion = visibles.filter(id_publico=liquidacion_id).first()
        if liquidacion is None:
            raise Http404
        parte, total = entero_desde_1(request, "parte", omision=1), partes_de(liquidacion)
        documento = pdf_de(liquidacion, parte)
        respuesta = respuesta_pdf(documento, nombre_de(liquidacion, parte, total))
        if parte < total:
            respuesta["Link"] = f'<{request.path}?parte={parte + 1}>; rel="next"'
        return respuesta
