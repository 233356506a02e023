"""``/api/v1/afiliados``."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response

from afiliados.afiliado.estados import EstadoAfiliado
from afiliados.afiliado.models import Afiliado, TipoAfiliado
from afiliados.afiliado.selectors import afiliados_visibles, buscar_afiliado
from afiliados.afiliado.services import NuevoAfiliado, registrar_afiliado
from afiliados.api.serializers import AfiliadoSerializer, NuevoAfiliadoSerializer
from afiliados.claves.models import Alcance
from afiliados.errores import AfiliadoDesconocido
from alpespartner.comun.api.credencial import actor_de_api, credencial
from alpespartner.comun.api.filtros import FiltroActualizado
from alpespartner.comun.api.idempotencia import idempotente
from alpespartner.comun.api.nombres import PorNombre


class FiltroAfiliados(django_filters.FilterSet):
    """Filters of the list."""

    estado = django_filters.ChoiceFilter(choices=EstadoAfiliado.choices)
    tipo_afiliado = django_filters.ChoiceFilter(choices=TipoAfiliado.choices)
    email = django_filters.CharFilter(max_length=254)
    referencia_externa = django_filters.CharFilter(max_length=64)
    actualizado_desde = FiltroActualizado()

    class Meta:
        model = Afiliado
        fields = ("estado", "tipo_afiliado", "email", "referencia_externa", "actualizado_desde")


class AfiliadosView(generics.ListAPIView[Afiliado]):
    """List and register affiliates."""

    alcances = {"GET": Alcance.AFILIADOS_LEER, "POST": Alcance.AFILIADOS_ESCRIBIR}
    serializer_class = AfiliadoSerializer
    filterset_class = FiltroAfiliados
    queryset = Afiliado.objects.all()

    def get_queryset(self) -> QuerySet[Afiliado]:
        return afiliados_visibles(credencial(self.request))

    @extend_schema(
        operation_id="afiliados_registrar",
        request=NuevoAfiliadoSerializer,
        responses={201: AfiliadoSerializer},
    )
    @idempotente
    def post(self, request: Request) -> Response:
        """Register an affiliate: active with the scope `afiliados:activar`, else pending."""
        entrada = NuevoAfiliadoSerializer.leer(request.data)
        afiliado = registrar_afiliado(
            datos=_nuevo(entrada),
            actor=actor_de_api(request),
            activo=credencial(request).permite(Alcance.AFILIADOS_ACTIVAR),
        )
        return Response(AfiliadoSerializer(afiliado).data, status=201)


def _nuevo(datos: dict[str, Any]) -> NuevoAfiliado:
    datos = dict(datos)
    configuracion = dict(datos.pop("configuracion_comisiones", {}))
    if "moneda" in configuracion:
        configuracion["moneda_comision"] = configuracion.pop("moneda")
    if "referente" in datos:
        referencia = datos["referente"]
        datos["referente"] = buscar_afiliado(referencia)
        if datos["referente"] is None:
            raise AfiliadoDesconocido(f"No hay un afiliado «{referencia}».", campo="referente")
    return NuevoAfiliado(**datos, **configuracion)


class AfiliadoView(PorNombre, generics.RetrieveAPIView[Afiliado]):
    """One affiliate."""

    alcances = {"GET": Alcance.AFILIADOS_LEER}
    serializer_class = AfiliadoSerializer
    lookup_field = "id_publico"
    lookup_url_kwarg = "afiliado_id"
    queryset = Afiliado.objects.all()

    def get_queryset(self) -> QuerySet[Afiliado]:
        return afiliados_visibles(credencial(self.request))
