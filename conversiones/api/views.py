"""``/api/v1/conversiones`` and ``/api/v1/campanas``."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response

from afiliados.claves.models import Alcance
from alpespartner.comun.api.campos import escrito
from alpespartner.comun.api.credencial import actor_de_api, credencial
from alpespartner.comun.api.filtros import FiltroActualizado, FiltroInstante
from alpespartner.comun.api.idempotencia import idempotente
from alpespartner.comun.api.nombres import FiltroNombre, PorNombre, con_nombres
from conversiones.api.serializers import (
    CampanaSerializer,
    ConversionRegistradaSerializer,
    ConversionSerializer,
    NuevaConversionSerializer,
)
from conversiones.campanas.estados import EstadoCampana
from conversiones.campanas.models import Campana
from conversiones.campanas.selectors import campanas_visibles
from conversiones.ventas.atribucion import atribucion_guardada
from conversiones.ventas.estados import EstadoConversion
from conversiones.ventas.models import Conversion
from conversiones.ventas.selectors import conversiones_visibles, exigir_partes_y_clic
from conversiones.ventas.services import NuevaConversion, registrar_conversion


class FiltroConversiones(django_filters.FilterSet):
    """Filters of the list."""

    estado = django_filters.ChoiceFilter(choices=EstadoConversion.choices)
    afiliado_id = FiltroNombre("afiliado", max_length=64)
    campana_id = FiltroNombre("campana", max_length=64)
    referencia_externa = django_filters.CharFilter(max_length=128)
    desde = FiltroInstante("ocurrida_en", "gte")
    hasta = FiltroInstante("ocurrida_en", "lt")
    actualizado_desde = FiltroActualizado()

    class Meta:
        model = Conversion
        fields = (
            "estado", "afiliado_id", "campana_id", "referencia_externa", "desde", "hasta",
            "actualizado_desde",
        )  # fmt: skip


class ConversionesView(generics.ListAPIView[Conversion]):
    """List and register conversions."""

    alcances = {"GET": Alcance.CONVERSIONES_LEER, "POST": Alcance.CONVERSIONES_ESCRIBIR}
    serializer_class = ConversionSerializer
    filterset_class = FiltroConversiones
    queryset = Conversion.objects.all()

    def get_queryset(self) -> QuerySet[Conversion]:
        return con_nombres(conversiones_visibles(credencial(self.request)), "afiliado", "campana")

    @extend_schema(
        operation_id="conversiones_registrar",
        request=NuevaConversionSerializer,
        responses={201: ConversionRegistradaSerializer},
    )
    @idempotente
    def post(self, request: Request) -> Response:
        """Register a sale. Its commission is calculated right after.

        It is of `afiliado_id`, or of whom its customer, its coupon or its click says; `atribucion`
        tells every candidate and why it won or lost. One that is nobody's is kept, with
        `afiliado_id` null, until a person says whose it is.
        """
        datos = NuevaConversionSerializer.leer(request.data)
        afiliado, campana, leido = exigir_partes_y_clic(
            afiliado=datos.pop("afiliado_id", None),
            campana=datos.pop("campana_id", None),
            clic_id=datos.get("clic_id", ""),
            hasta=datos.get("ocurrida_en"),
            clave=credencial(request),
        )
        nueva = NuevaConversion(
            afiliado=afiliado,
            campana=campana,
            leido=leido,
            valor=datos.pop("valor_conversion"),
            antigua=credencial(request).permite(Alcance.CONVERSIONES_ANTIGUAS),
            **datos,
        )
        conversion = registrar_conversion(datos=nueva, actor=actor_de_api(request))
        respuesta = escrito(ConversionSerializer, conversion)
        respuesta["atribucion"] = atribucion_guardada(conversion, decidida=nueva.por_atribuir)
        return Response(respuesta, status=201)


class FiltroCampanas(django_filters.FilterSet):
    """Filters of the list."""

    estado = django_filters.ChoiceFilter(choices=EstadoCampana.choices)
    referencia_externa = django_filters.CharFilter(max_length=64)

    class Meta:
        model = Campana
        fields = ("estado", "referencia_externa")


class CampanasView(generics.ListAPIView[Campana]):
    """List campaigns."""

    alcances = {"GET": Alcance.CAMPANAS_LEER}
    serializer_class = CampanaSerializer
    filterset_class = FiltroCampanas
    queryset = Campana.objects.all()

    def get_queryset(self) -> QuerySet[Campana]:
        return campanas_visibles(credencial(self.request))


class CampanaView(PorNombre, generics.RetrieveAPIView[Campana]):
    """One campaign."""

    alcances = {"GET": Alcance.CAMPANAS_LEER}
    serializer_class = CampanaSerializer
    lookup_field = "id_publico"
    lookup_url_kwarg = "campana_id"
    queryset = Campana.objects.all()

    def get_queryset(self) -> QuerySet[Campana]:
        return campanas_visibles(credencial(self.request))
