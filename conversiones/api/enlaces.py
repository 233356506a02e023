"""``/api/v1/enlaces``."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afiliados.claves.models import Alcance
from alpespartner.comun.api.campos import CampoNombre, SerializadorEstricto
from alpespartner.comun.api.credencial import actor_de_api, credencial
from alpespartner.comun.api.ficheros import DESCARGA, VistaDeDocumento
from alpespartner.comun.api.idempotencia import idempotente
from alpespartner.comun.api.nombres import FiltroNombre
from conversiones.api.partes import partes_de
from conversiones.campanas.models import MAX_DIRECCION
from conversiones.rastreo.codigos import MAX_ENLACE
from conversiones.rastreo.estados import EstadoDeCodigo
from conversiones.rastreo.models import Enlace
from conversiones.rastreo.selectors import enlaces_visibles, qr_de, url_de
from conversiones.rastreo.services import crear_enlace, retirar_enlace


class NuevoEnlaceSerializer(SerializadorEstricto):
    """A link to make. Without a code it gets one; without a destination, the campaign's page."""

    afiliado_id = CampoNombre(max_length=64)
    campana_id = CampoNombre(max_length=64, required=False)
    codigo = CampoNombre(max_length=MAX_ENLACE, required=False)
    destino = CampoNombre(max_length=MAX_DIRECCION, required=False)


class RetirarSerializer(SerializadorEstricto):
    """Why a link or a coupon ends."""

    motivo = serializers.CharField(max_length=500)


class EnlaceSerializer(serializers.Serializer[Enlace]):
    """A link as partners see it."""

    enlace_id = serializers.CharField(source="id_publico")
    codigo = serializers.CharField()
    url = serializers.SerializerMethodField()
    afiliado_id = serializers.CharField(source="afiliado.id_publico")
    campana_id = serializers.CharField(source="campana.id_publico")
    destino = serializers.CharField()
    estado = serializers.CharField()
    creado_en = serializers.DateTimeField()
    retirado_en = serializers.DateTimeField(allow_null=True)

    def get_url(self, enlace: Enlace) -> str:
        """Address to publish."""
        return url_de(enlace)


class FiltroEnlaces(django_filters.FilterSet):
    """Filters of the list."""

    estado = django_filters.ChoiceFilter(choices=EstadoDeCodigo.choices)
    afiliado_id = FiltroNombre("afiliado", max_length=64)
    campana_id = FiltroNombre("campana", max_length=64)

    class Meta:
        model = Enlace
        fields = ("estado", "afiliado_id", "campana_id")


class EnlacesView(generics.ListAPIView[Enlace]):
    """List and make links."""

    alcances = {"GET": Alcance.ENLACES_LEER, "POST": Alcance.ENLACES_ESCRIBIR}
    serializer_class = EnlaceSerializer
    filterset_class = FiltroEnlaces
    queryset = Enlace.objects.all()

    def get_queryset(self) -> QuerySet[Enlace]:
        return enlaces_visibles(credencial(self.request))

    @extend_schema(
        operation_id="enlaces_crear",
        request=NuevoEnlaceSerializer,
        responses={201: EnlaceSerializer},
    )
    @idempotente
    def post(self, request: Request) -> Response:
        """Make a link of an affiliate; its own key makes its own."""
        datos = NuevoEnlaceSerializer.leer(request.data)
        afiliado, campana = partes_de(datos, credencial(request))
        enlace = crear_enlace(
            afiliado=afiliado, campana=campana, actor=actor_de_api(request), **datos
        )
        return Response(EnlaceSerializer(enlace).data, status=201)


class EnlaceView(generics.RetrieveAPIView[Enlace]):
    """One link."""

    alcances = {"GET": Alcance.ENLACES_LEER}
    serializer_class = EnlaceSerializer
    lookup_field = "id_publico"
    lookup_url_kwarg = "enlace_id"
    queryset = Enlace.objects.all()

    def get_queryset(self) -> QuerySet[Enlace]:
        return enlaces_visibles(credencial(self.request))


class QREnlaceView(VistaDeDocumento):
    """One link to print."""

    alcances = {"GET": Alcance.ENLACES_LEER}

    @extend_schema(
        operation_id="enlaces_qr",
        parameters=[DESCARGA],
        responses={(200, "image/svg+xml"): OpenApiTypes.STR},
    )
    def get(self, request: Request, enlace_id: str) -> HttpResponse:
        """The address of a link as a QR code, in SVG."""
        enlace = get_object_or_404(enlaces_visibles(credencial(request)), id_publico=enlace_id)
        return HttpResponse(
            qr_de(enlace),
            content_type="image/svg+xml",
            headers={"Content-Disposition": f'inline; filename="{enlace.codigo}.svg"'},
        )


class RetirarEnlaceView(APIView):
    """End one link."""

    alcances = {"POST": Alcance.ENLACES_ESCRIBIR}

    @extend_schema(
        operation_id="enlaces_retirar",
        request=RetirarSerializer,
        responses={200: EnlaceSerializer},
    )
    @idempotente
    def post(self, request: Request, enlace_id: str) -> Response:
        """Retire a link: it leads to the campaign's page and counts no clicks."""
        datos = RetirarSerializer.leer(request.data)
        suyos = enlaces_visibles(credencial(request))
        enlace = retirar_enlace(
            enlace=get_object_or_404(suyos, id_publico=enlace_id),
            actor=actor_de_api(request),
            **datos,
        )
        return Response(EnlaceSerializer(enlace).data)
