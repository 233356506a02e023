"""``/api/v1/pagos``: what was paid to an affiliate, and its document."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request

from afiliados.claves.models import Alcance
from alpespartner.comun.api.credencial import Credencial, credencial
from alpespartner.comun.api.ficheros import DESCARGA, VistaDeDocumento
from alpespartner.comun.api.filtros import FiltroActualizado
from alpespartner.comun.api.nombres import FiltroNombre
from alpespartner.comun.dinero import texto
from alpespartner.comun.documentos.pdf import respuesta_pdf
from comisiones.liquidaciones.remesa import nombre_de, pdf_de
from comisiones.pagos.estados import EstadoPago
from comisiones.pagos.models import Pago


def pagos_visibles(clave: Credencial) -> QuerySet[Pago]:
    """Payments that a key may see."""
    pagos = Pago.objects.select_related("afiliado", "lote", "retencion")
    return pagos.filter(afiliado_id=clave.afiliado_id) if clave.afiliado_id else pagos


class RetencionAplicadaSerializer(serializers.Serializer[Any]):
    """What was withheld from a payment; ``porcentaje`` 15 means 15 %."""

    nombre = serializers.CharField()
    porcentaje = serializers.CharField(
        source="porcentaje_texto", help_text="Percentage as a decimal string."
    )


class PagoSerializer(serializers.Serializer[Pago]):
    """A payment as partners see it."""

    pago_id = serializers.CharField(source="id_publico")
    afiliado_id = serializers.CharField(source="afiliado.id_publico")
    lote_id = serializers.CharField(source="lote.id_publico", allow_null=True, default=None)
    bruto = serializers.SerializerMethodField()
    retenido = serializers.SerializerMethodField()
    retencion = RetencionAplicadaSerializer(allow_null=True)
    importe = serializers.SerializerMethodField()
    moneda = serializers.CharField()
    estado = serializers.ChoiceField(EstadoPago.choices)
    creado_en = serializers.DateTimeField()
    actualizado_en = serializers.DateTimeField()
    pagado_en = serializers.DateTimeField(allow_null=True)

    def get_importe(self, pago: Pago) -> str:
        """What is sent, as a decimal string: ``bruto`` less ``retenido``."""
        return texto(pago.importe, pago.moneda)

    def get_bruto(self, pago: Pago) -> str:
        """Commissions and adjustments that it settles."""
        return texto(pago.bruto, pago.moneda)

    def get_retenido(self, pago: Pago) -> str:
        """What is kept for the tax office."""
        return texto(pago.retenido, pago.moneda)


class FiltroPagos(django_filters.FilterSet):
    """Filters of the list."""

    estado = django_filters.ChoiceFilter(choices=EstadoPago.choices)
    afiliado_id = FiltroNombre("afiliado", max_length=64)
    actualizado_desde = FiltroActualizado()

    class Meta:
        model = Pago
        fields = ("estado", "afiliado_id", "actualizado_desde")


class PagosView(generics.ListAPIView[Pago]):
    """Payments, the newest first."""

    alcances = {"GET": Alcance.PAGOS_LEER}
    serializer_class = PagoSerializer
    filterset_class = FiltroPagos
    queryset = Pago.objects.all()

    def get_queryset(self) -> QuerySet[Pago]:
        return pagos_visibles(credencial(self.request))


class PagoView(generics.RetrieveAPIView[Pago]):
    """One payment."""

    alcances = {"GET": Alcance.PAGOS_LEER}
    serializer_class = PagoSerializer
    queryset = Pago.objects.all()
    lookup_field = "id_publico"
    lookup_url_kwarg = "pago_id"

    def get_queryset(self) -> QuerySet[Pago]:
        return pagos_visibles(credencial(self.request))


class RemesaView(VistaDeDocumento):
    """The remittance advice of a payment."""

    alcances = {"GET": Alcance.PAGOS_LEER}
    problemas = ("409",)

    @extend_schema(
        operation_id="pagos_remesa",
        parameters=[DESCARGA],
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pago_id: str) -> HttpResponse:
        """PDF; 409 `sin_remesa` before it is paid."""
        pago = pagos_visibles(credencial(request)).filter(id_publico=pago_id).first()
        if pago is None:
            raise Http404
        return respuesta_pdf(pdf_de(pago), nombre_de(pago))
