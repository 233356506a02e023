"""``/api/v1/afiliados``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response

from afiliados.afiliado import services
from afiliados.afiliado.estados import EstadoAfiliado
from afiliados.afiliado.models import Afiliado, Nivel, TipoAfiliado
from afiliados.afiliado.selectors import afiliados_visibles, buscar_afiliado
from afiliados.afiliado.services import NuevoAfiliado, registrar_afiliado
from afiliados.api.serializers import (
    AfiliadoEnteroSerializer,
    AfiliadoSerializer,
    MotivoOpcionalSerializer,
    NuevoAfiliadoSerializer,
    SuspenderSerializer,
)
from afiliados.claves.models import Alcance
from afiliados.errores import AfiliadoDesconocido
from alpespartner.comun.api.campos import MotivoSerializer, SerializadorEstricto
from alpespartner.comun.api.credencial import actor_de_api, credencial
from alpespartner.comun.api.filtros import FiltroActualizado
from alpespartner.comun.api.idempotencia import idempotente
from alpespartner.comun.api.nombres import PorNombre
from alpespartner.comun.db.reintento import reintentar
from alpespartner.comun.propuestas.selectors import propuestas_de


class FiltroAfiliados(django_filters.FilterSet):
    """Filters of the list."""

    estado = django_filters.ChoiceFilter(choices=EstadoAfiliado.choices)
    tipo_afiliado = django_filters.ChoiceFilter(choices=TipoAfiliado.choices)
    nivel = django_filters.ChoiceFilter(choices=Nivel.choices)
    email = django_filters.CharFilter(max_length=254)
    referencia_externa = django_filters.CharFilter(max_length=64)
    actualizado_desde = FiltroActualizado()

    class Meta:
        model = Afiliado
        fields = (
            "estado", "tipo_afiliado", "nivel", "email", "referencia_externa", "actualizado_desde",
        )  # fmt: skip


class AfiliadosView(generics.ListAPIView[Afiliado]):
    """List and register affiliates."""

    alcances = {"GET": Alcance.AFILIADOS_LEER, "POST": Alcance.AFILIADOS_ESCRIBIR}
    serializer_class = AfiliadoSerializer
    filterset_class = FiltroAfiliados
    queryset = Afiliado.objects.all()

    def get_queryset(self) -> QuerySet[Afiliado]:
        return afiliados_visibles(credencial(self.request)).select_related("referente")

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

    alcances = {"GET": Alcance.AFILIADOS_LEER, "PUT": Alcance.AFILIADOS_ESCRIBIR}
    serializer_class = AfiliadoSerializer
    lookup_field = "id_publico"
    lookup_url_kwarg = "afiliado_id"
    queryset = Afiliado.objects.all()

    def get_queryset(self) -> QuerySet[Afiliado]:
        return afiliados_visibles(credencial(self.request))

    @extend_schema(
        operation_id="afiliados_cambiar",
        request=AfiliadoEnteroSerializer,
        responses={200: AfiliadoSerializer, 202: AfiliadoSerializer},
    )
    def put(self, request: Request, afiliado_id: str) -> Response:
        """Change an affiliate to what is said, whole: what is left out it has no more.

        202: a large change of what it earns by, or another referrer, waits for another person to
        confirm it, and the rest is done.
        """
        entrada = AfiliadoEnteroSerializer.leer(request.data)
        motivo, desde = entrada.pop("motivo", ""), entrada.pop("desde", None)
        afiliado = self.get_object()
        # Absent is what anybody has, but for the language it is written to in, which is its own.
        nuevo = _nuevo({"idioma": afiliado.idioma, **entrada})
        esperaban = _que_esperan(afiliado)
        actual = reintentar(
            lambda: services.actualizar_afiliado(
                afiliado=afiliado,
                cambios={c: getattr(nuevo, c) for c in services.EDITABLES if c != "resumen"},
                actor=actor_de_api(request),
                motivo=motivo,
                desde=desde,
            )
        )
        espera = _que_esperan(actual) - esperaban
        return Response(AfiliadoSerializer(actual).data, status=202 if espera else 200)


def _que_esperan(afiliado: Afiliado) -> set[int]:
    return {p.pk for p in propuestas_de("afiliado", [afiliado.id_publico])}


class _PasoView(PorNombre, generics.GenericAPIView[Afiliado]):
    """A step of an affiliate's life. A wrong one is a 409 that says from where."""

    alcances = {"POST": Alcance.AFILIADOS_ESTADO}
    lookup_url_kwarg = "afiliado_id"
    queryset = Afiliado.objects.all()
    serializer_class = AfiliadoSerializer
    entrada: type[SerializadorEstricto] = MotivoSerializer
    servicio: Callable[..., Afiliado]

    def get_queryset(self) -> QuerySet[Afiliado]:
        return afiliados_visibles(credencial(self.request))

    def dar(self, request: Request) -> Response:
        """Do it."""
        datos = self.entrada.leer(request.data)
        actual = type(self).servicio(
            afiliado=self.get_object(), actor=actor_de_api(request), **datos
        )
        return Response(AfiliadoSerializer(actual).data)


class ActivarView(_PasoView):
    """Let a pending affiliate earn."""

    entrada = MotivoOpcionalSerializer
    servicio = services.activar_afiliado

    @extend_schema(
        operation_id="afiliados_activar",
        request=MotivoOpcionalSerializer,
        responses=AfiliadoSerializer,
    )
    @idempotente
    def post(self, request: Request, afiliado_id: str) -> Response:
        """Let a pending affiliate earn: what waits for it goes on."""
        return self.dar(request)


class SuspenderView(_PasoView):
    """Stop an active affiliate for a while."""

    entrada = SuspenderSerializer
    servicio = services.suspender_afiliado

    @extend_schema(
        operation_id="afiliados_suspender",
        request=SuspenderSerializer,
        responses=AfiliadoSerializer,
    )
    @idempotente
    def post(self, request: Request, afiliado_id: str) -> Response:
        """Stop an active affiliate: its sales are refused until somebody brings it back or, with
        `hasta`, until then."""
        return self.dar(request)


class BloquearView(_PasoView):
    """Stop an affiliate and its payments."""

    servicio = services.bloquear_afiliado

    @extend_schema(
        operation_id="afiliados_bloquear", request=MotivoSerializer, responses=AfiliadoSerializer
    )
    @idempotente
    def post(self, request: Request, afiliado_id: str) -> Response:
        """Stop an active or suspended affiliate and what it is paid. Only a person lifts it."""
        return self.dar(request)


class ReactivarView(_PasoView):
    """Let a suspended affiliate earn again."""

    servicio = services.reactivar_afiliado

    @extend_schema(
        operation_id="afiliados_reactivar", request=MotivoSerializer, responses=AfiliadoSerializer
    )
    @idempotente
    def post(self, request: Request, afiliado_id: str) -> Response:
        """Let a suspended affiliate earn again: what waits for it goes on."""
        return self.dar(request)


class CerrarView(_PasoView):
    """Close a suspended affiliate."""

    servicio = services.cerrar_afiliado

    @extend_schema(
        operation_id="afiliados_cerrar", request=MotivoSerializer, responses=AfiliadoSerializer
    )
    @idempotente
    def post(self, request: Request, afiliado_id: str) -> Response:
        """Close a suspended affiliate for good, with its keys and coupons. What was approved is
        still paid."""
        return self.dar(request)
