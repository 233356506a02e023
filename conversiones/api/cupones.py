"""``/api/v1/cupones``."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afiliados.claves.models import Alcance
from alpespartner.comun.api.campos import CampoCupon, CampoNombre, SerializadorEstricto
from alpespartner.comun.api.credencial import actor_de_api, credencial
from alpespartner.comun.api.idempotencia import idempotente
from alpespartner.comun.api.nombres import FiltroNombre
from alpespartner.comun.textos import normalizar_cupon
from conversiones.api.enlaces import RetirarSerializer
from conversiones.campanas.selectors import exigir_campana
from conversiones.rastreo.codigos import MAX_CUPON
from conversiones.rastreo.estados import EstadoDeCodigo
from conversiones.rastreo.models import Cupon
from conversiones.rastreo.selectors import cupones_visibles
from conversiones.rastreo.services import crear_cupon, retirar_cupon
from conversiones.ventas.selectors import exigir_afiliado


class NuevoCuponSerializer(SerializadorEstricto):
    """A code to give to an affiliate: in one campaign or, without it, in all."""

    afiliado_id = CampoNombre(max_length=64)
    codigo = CampoCupon(max_length=MAX_CUPON)
    campana_id = CampoNombre(max_length=64, required=False)


class CuponSerializer(serializers.Serializer[Cupon]):
    """A coupon as partners see it."""

    cupon_id = serializers.CharField(source="id_publico")
    codigo = serializers.CharField()
    afiliado_id = serializers.CharField(source="afiliado.id_publico")
    campana_id = serializers.SerializerMethodField()
    estado = serializers.CharField()
    creado_en = serializers.DateTimeField()
    retirado_en = serializers.DateTimeField(allow_null=True)

    def get_campana_id(self, cupon: Cupon) -> str | None:
        """Null: it holds in all."""
        return None if cupon.campana is None else cupon.campana.id_publico


class FiltroDeCodigo(django_filters.CharFilter):
    """Filter by a coupon, however it is typed."""

    def filter(self, qs: Any, value: Any) -> Any:
        """Those with the code, the live one among them."""
        return super().filter(qs, normalizar_cupon(value or ""))


class FiltroCupones(django_filters.FilterSet):
    """Filters of the list."""

    estado = django_filters.ChoiceFilter(choices=EstadoDeCodigo.choices)
    afiliado_id = FiltroNombre("afiliado", max_length=64)
    campana_id = FiltroNombre("campana", max_length=64)
    codigo = FiltroDeCodigo(max_length=MAX_CUPON)

    class Meta:
        model = Cupon
        fields = ("estado", "afiliado_id", "campana_id", "codigo")


class CuponesView(generics.ListAPIView[Cupon]):
    """List and give coupons."""

    alcances = {"GET": Alcance.CUPONES_LEER, "POST": Alcance.CUPONES_ESCRIBIR}
    serializer_class = CuponSerializer
    filterset_class = FiltroCupones
    queryset = Cupon.objects.all()

    def get_queryset(self) -> QuerySet[Cupon]:
        return cupones_visibles(credencial(self.request))

    @extend_schema(
        operation_id="cupones_crear",
        request=NuevoCuponSerializer,
        responses={201: CuponSerializer},
    )
    @idempotente
    def post(self, request: Request) -> Response:
        """Make a code an affiliate's. It has one owner at a time in the programme."""
        datos = NuevoCuponSerializer.leer(request.data)
        nombre = datos.pop("campana_id", None)
        cupon = crear_cupon(
            afiliado=exigir_afiliado(datos.pop("afiliado_id"), credencial(request)),
            campana=None if nombre is None else exigir_campana(nombre),
            actor=actor_de_api(request),
            **datos,
        )
        return Response(CuponSerializer(cupon).data, status=201)


class CuponView(generics.RetrieveAPIView[Cupon]):
    """One coupon."""

    alcances = {"GET": Alcance.CUPONES_LEER}
    serializer_class = CuponSerializer
    lookup_field = "id_publico"
    lookup_url_kwarg = "cupon_id"
    queryset = Cupon.objects.all()

    def get_queryset(self) -> QuerySet[Cupon]:
        return cupones_visibles(credencial(self.request))


class RetirarCuponView(APIView):
    """End one coupon."""

    alcances = {"POST": Alcance.CUPONES_ESCRIBIR}

    @extend_schema(
        operation_id="cupones_retirar",
        request=RetirarSerializer,
        responses={200: CuponSerializer},
    )
    @idempotente
    def post(self, request: Request, cupon_id: str) -> Response:
        """Retire a coupon: sales from now on are nobody's by it."""
        datos = RetirarSerializer.leer(request.data)
        suyos = cupones_visibles(credencial(request))
        cupon = retirar_cupon(
            cupon=get_object_or_404(suyos, id_publico=cupon_id),
            actor=actor_de_api(request),
            **datos,
        )
        return Response(CuponSerializer(cupon).data)
