"""``/api/v1/afiliados``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afiliados.afiliado import services
from afiliados.afiliado.estados import EstadoAfiliado
from afiliados.afiliado.models import Afiliado, Nivel, TipoAfiliado
from afiliados.afiliado.selectors import afiliados_visibles, buscar_afiliado
from afiliados.afiliado.services import NuevoAfiliado, registrar_afiliado
from afiliados.api.serializers import (
    AfiliadoSerializer,
    CambiosDeAfiliadoSerializer,
    MotivoOpcionalSerializer,
    NuevoAfiliadoSerializer,
    PonerAfiliadoSerializer,
    SuspenderSerializer,
)
from afiliados.claves.models import Alcance
from afiliados.errores import AfiliadoDesconocido, AfiliadoDuplicado
from alpespartner.comun.api.campos import CampoSinMirar, MotivoSerializer, SerializadorEstricto
from alpespartner.comun.api.credencial import actor_de_api, credencial
from alpespartner.comun.api.en_masa import (
    MAXIMO,
    ResultadoSerializer,
    ResultadosSerializer,
    uno_a_uno,
)
from alpespartner.comun.api.filtros import FiltroActualizado
from alpespartner.comun.api.idempotencia import idempotente
from alpespartner.comun.api.nombres import PorNombre, UnoVisible, llamados
from alpespartner.comun.api.permisos import exigir_alcance
from alpespartner.comun.api.version import ConVersion, con_etiqueta, versiones_vistas
from alpespartner.comun.db.reintento import reintentar
from alpespartner.comun.errores import VersionDistinta
from alpespartner.comun.identificadores import es_nuestro
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
        afiliado = _registrar(request, NuevoAfiliadoSerializer.leer(request.data))
        return Response(AfiliadoSerializer(afiliado).data, status=201)


def _registrar(request: Request, entrada: dict[str, Any]) -> Afiliado:
    return registrar_afiliado(
        datos=NuevoAfiliado(**_datos(entrada)),
        actor=actor_de_api(request),
        activo=credencial(request).permite(Alcance.AFILIADOS_ACTIVAR),
    )


def _datos(entrada: dict[str, Any]) -> dict[str, Any]:
    """What a request says of an affiliate, as the services take it."""
    datos = dict(entrada)
    configuracion = dict(datos.pop("configuracion_comisiones", {}))
    if "moneda" in configuracion:
        configuracion["moneda_comision"] = configuracion.pop("moneda")
    if datos.get("referente") is not None:
        referencia = datos["referente"]
        datos["referente"] = buscar_afiliado(referencia)
        if datos["referente"] is None:
            raise AfiliadoDesconocido(f"No hay un afiliado «{referencia}».", campo="referente")
    return {**datos, **configuracion}


class LoteAfiliadosSerializer(SerializadorEstricto):
    """Up to 500 affiliates; each is checked and answered on its own."""

    afiliados = serializers.ListField(child=CampoSinMirar(), min_length=1, max_length=MAXIMO)


class AfiliadoHechoSerializer(ResultadoSerializer):
    """What became of one affiliate."""

    afiliado_id = serializers.CharField(required=False)
    referencia_externa = serializers.CharField(required=False, allow_null=True)


class AfiliadosHechosSerializer(ResultadosSerializer):
    """Answer to many affiliates."""

    resultados = AfiliadoHechoSerializer(many=True)


class AfiliadosEnMasaView(APIView):
    """Register many affiliates."""

    alcances = {"POST": Alcance.AFILIADOS_ESCRIBIR}

    @extend_schema(
        operation_id="afiliados_registrar_lote",
        request=LoteAfiliadosSerializer,
        responses=AfiliadosHechosSerializer,
    )
    @idempotente
    def post(self, request: Request) -> Response:
        """Each item, as `POST /api/v1/afiliados` takes it, is registered or refused on its own."""
        entrada = LoteAfiliadosSerializer.leer(request.data)

        def hacer(datos: dict[str, Any]) -> dict[str, Any]:
            hecho = _registrar(request, datos)
            return {
                "afiliado_id": hecho.id_publico, "referencia_externa": hecho.referencia_externa,
            }  # fmt: skip

        return Response(uno_a_uno(entrada["afiliados"], NuevoAfiliadoSerializer, hacer))


# One affiliate, as far as a key sees it: of its own, itself.
_UNO = UnoVisible(Afiliado.objects.all(), dueno="pk")


class AfiliadoView(ConVersion, PorNombre, generics.RetrieveAPIView[Afiliado]):
    """One affiliate."""

    alcances = {
        "GET": Alcance.AFILIADOS_LEER,
        "PATCH": Alcance.AFILIADOS_CAMBIAR,
        "PUT": Alcance.AFILIADOS_CAMBIAR,
    }
    serializer_class = AfiliadoSerializer
    lookup_field = "id_publico"
    lookup_url_kwarg = "afiliado_id"
    queryset = Afiliado.objects.all()
    uno = _UNO

    def get_queryset(self) -> QuerySet[Afiliado]:
        return afiliados_visibles(credencial(self.request))

    @extend_schema(
        operation_id="afiliados_cambiar",
        request=CambiosDeAfiliadoSerializer,
        responses={200: AfiliadoSerializer, 202: AfiliadoSerializer},
    )
    def patch(self, request: Request, afiliado_id: str) -> Response:
        """Change what is said of an affiliate, as it was read (`If-Match`).

        What it earns by, and who referred it, take a `motivo`; a large change of them waits for
        another person: 202, and the rest is done.
        """
        datos = CambiosDeAfiliadoSerializer.leer(request.data)
        vistas = versiones_vistas(request, exigir=True)
        return self._cambiar(request, self.get_object(), _datos(datos), vistas)

    @extend_schema(
        operation_id="afiliados_poner",
        request=PonerAfiliadoSerializer,
        responses={
            200: AfiliadoSerializer, 201: AfiliadoSerializer, 202: AfiliadoSerializer,
        },
    )  # fmt: skip
    def put(self, request: Request, afiliado_id: str) -> Response:
        """Have an affiliate be as it is said, whole, by its id or your own reference: one that is
        not there is registered (201, which also needs `afiliados:escribir`); of one that is, what
        is left out it has no more. Sending it again changes nothing, and a large change waits as
        that of a PATCH.
        """
        datos = PonerAfiliadoSerializer.leer(request.data)
        vistas = versiones_vistas(request, exigir=False)
        suyo = self._conocido(afiliado_id)
        if suyo is None:
            if vistas is not None:
                raise VersionDistinta()
            nuevo = self._registrar(request, afiliado_id, datos)
            if nuevo is not None:
                return con_etiqueta(Response(AfiliadoSerializer(nuevo).data, status=201), nuevo)
            # Another request registered it meanwhile.
            suyo = self.get_object()
        return self._cambiar(request, suyo, _entero(suyo, datos), vistas)

    def _conocido(self, nombre: str) -> Afiliado | None:
        suyo = llamados(self.get_queryset(), nombre).first()
        if suyo is None and es_nuestro(nombre):
            raise Http404
        return suyo

    def _registrar(self, request: Request, referencia: str, datos: dict[str, Any]) -> Any:
        """The new affiliate, or None when there is one of that reference by now."""
        exigir_alcance(request, Alcance.AFILIADOS_ESCRIBIR)
        suyos = {c: v for c, v in datos.items() if c not in ("motivo", "desde")}
        try:
            return reintentar(
                lambda: _registrar(request, {**suyos, "referencia_externa": referencia})
            )
        except AfiliadoDuplicado:
            if self._conocido(referencia) is None:
                raise
            return None

    def _cambiar(
        self,
        request: Request,
        afiliado: Afiliado,
        cambios: dict[str, Any],
        vistas: frozenset[int] | None,
    ) -> Response:
        motivo, desde = cambios.pop("motivo", ""), cambios.pop("desde", None)
        esperaban = _que_esperan(afiliado)
        actual = reintentar(
            lambda: services.actualizar_afiliado(
                afiliado=afiliado, cambios=cambios, actor=actor_de_api(request), motivo=motivo,
                desde=desde, vistas=vistas,
            )
        )  # fmt: skip
        estado = 202 if _que_esperan(actual) - esperaban else 200
        return con_etiqueta(Response(AfiliadoSerializer(actual).data, status=estado), actual)


def _entero(afiliado: Afiliado, datos: dict[str, Any]) -> dict[str, Any]:
    """What a PUT says of an affiliate that there is: all of it. Absent is what anybody has."""
    dichos = {c: datos[c] for c in ("motivo", "desde") if c in datos}
    suyos = {c: v for c, v in datos.items() if c not in dichos}
    nuevo = NuevoAfiliado(**_datos({"idioma": afiliado.idioma, **suyos}))
    quedan = ("resumen", "referencia_externa")
    return {c: getattr(nuevo, c) for c in services.EDITABLES if c not in quedan} | dichos


def _que_esperan(afiliado: Afiliado) -> set[int]:
    """What of an affiliate waits for another person."""
    return {p.pk for p in propuestas_de("afiliado", [afiliado.id_publico])}


class _PasoView(PorNombre, generics.GenericAPIView[Afiliado]):
    """A step of an affiliate's life. A wrong one is a 409 that says from where."""

    alcances = {"POST": Alcance.AFILIADOS_ESTADO}
    lookup_url_kwarg = "afiliado_id"
    uno = _UNO
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
