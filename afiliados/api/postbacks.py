"""``/api/v1/postbacks``: what happens to an affiliate's commissions, told to its tracker."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afiliados.afiliado.selectors import afiliados_visibles
from afiliados.claves.models import Alcance
from afiliados.errores import AfiliadoDesconocido
from alpespartner.comun.api.campos import CampoNombre, SerializadorEstricto
from alpespartner.comun.api.credencial import Credencial, actor_de_api, credencial
from alpespartner.comun.api.idempotencia import idempotente
from alpespartner.comun.api.nombres import llamados
from alpespartner.comun.db.reintento import reintentar
from alpespartner.comun.errores import DatoInvalido
from outbox.api.webhooks import (
    EntregaWebhookSerializer,
    FiltroEntregas,
    IntervaloSerializer,
    RepetidasSerializer,
    apagar,
)
from outbox.models import EntregaWebhook, EstadoWebhook, Webhook
from outbox.webhooks import repeticion, services
from outbox.webhooks.destino import LARGO
from outbox.webhooks.macros import MACROS, PRESETS, TODOS, EstadoPostback, expandir, muestra
from outbox.webhooks.selectors import postback_de, postbacks_visibles

_LEER, _ESCRIBIR = Alcance.POSTBACKS_LEER, Alcance.POSTBACKS_ESCRIBIR


def _estados(**opciones: Any) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.ChoiceField([TODOS, *map(str, EstadoPostback)]),
        min_length=1,
        max_length=10,
        help_text=_("Estados de sus comisiones que se avisan, o `*` para todos."),
        **opciones,
    )


class NuevoPostbackSerializer(SerializadorEstricto):
    """Whose it is, the address with its macros, and which states it is for."""

    afiliado_id = CampoNombre(
        max_length=64, required=False, help_text=_("El de la clave, si es de un afiliado.")
    )
    url = serializers.CharField(
        max_length=LARGO, help_text=_("Dirección https pública, con macros como `{payout}`.")
    )
    estados = _estados()


class CambiosDePostbackSerializer(SerializadorEstricto):
    """What changes; what is absent stays."""

    url = serializers.CharField(max_length=LARGO, required=False)
    estados = _estados(required=False)


class PruebaSerializer(SerializadorEstricto):
    """Of which state the example is."""

    estado = serializers.ChoiceField(choices=[str(e) for e in EstadoPostback], required=False)


class PostbackSerializer(serializers.Serializer[Webhook]):
    """A postback. ``ejemplo`` is its address with the values that a test sends."""

    postback_id = serializers.CharField(source="id_publico")
    afiliado_id = serializers.CharField(source="afiliado")
    url = serializers.CharField()
    ejemplo = serializers.SerializerMethodField()
    estados = serializers.ListField(source="tipos", child=serializers.CharField())
    estado = serializers.CharField()
    causa = serializers.CharField(allow_blank=True)
    fallando_desde = serializers.DateTimeField(allow_null=True)
    creado_en = serializers.DateTimeField()
    actualizado_en = serializers.DateTimeField()

    def get_ejemplo(self, postback: Webhook) -> str:
        """What would be asked for."""
        return expandir(postback.url, muestra(postback.afiliado))


class MacroSerializer(serializers.Serializer[object]):
    """A macro, and what it may hold."""

    macro = serializers.CharField()
    ejemplo = serializers.CharField(allow_blank=True)


class PresetSerializer(serializers.Serializer[object]):
    """The address of a known tracker; what stands between `<<` and `>>` its owner writes."""

    nombre = serializers.CharField()
    titulo = serializers.CharField()
    url = serializers.CharField()
    estados = serializers.ListField(child=serializers.CharField())
    nota = serializers.CharField()


class MacrosSerializer(serializers.Serializer[object]):
    """What an address may say."""

    macros = MacroSerializer(many=True)
    presets = PresetSerializer(many=True)


class FiltroPostbacks(django_filters.FilterSet):
    """Filters of the list."""

    estado = django_filters.ChoiceFilter(choices=EstadoWebhook.choices)
    afiliado_id = django_filters.CharFilter(field_name="afiliado", max_length=40)

    class Meta:
        model = Webhook
        fields = ("estado", "afiliado_id")


def _postback(request: Request, postback_id: str) -> Webhook:
    """The postback of a path, as far as the key sees it."""
    return postback_de(credencial(request).afiliado_publico, postback_id)


def _de_quien(referencia: str | None, clave: Credencial) -> str:
    """Public id of the affiliate that a request names, or that its key is of."""
    if referencia is None and clave.afiliado_publico:
        return clave.afiliado_publico
    if referencia is None:
        raise DatoInvalido(_now("Di de qué afiliado es."), campo="afiliado_id")
    afiliado = llamados(afiliados_visibles(clave), referencia).first()
    if afiliado is None:
        raise AfiliadoDesconocido(
            _now("No hay un afiliado «%(referencia)s».") % {"referencia": referencia},
            campo="afiliado_id",
        )
    return afiliado.id_publico


class PostbacksView(generics.ListAPIView[Webhook]):
    """List and make postbacks."""

    alcances = {"GET": _LEER, "POST": _ESCRIBIR}
    serializer_class = PostbackSerializer
    filterset_class = FiltroPostbacks
    queryset = Webhook.objects.all()

    def get_queryset(self) -> QuerySet[Webhook]:
        return postbacks_visibles(credencial(self.request).afiliado_publico)

    @extend_schema(
        operation_id="postbacks_crear",
        request=NuevoPostbackSerializer,
        responses={201: PostbackSerializer},
    )
    @idempotente
    def post(self, request: Request) -> Response:
        """Make a postback of an affiliate, who may have five; its own key makes its own."""
        datos = NuevoPostbackSerializer.leer(request.data)
        postback = services.crear_postback(
            afiliado=_de_quien(datos.pop("afiliado_id", None), credencial(request)),
            actor=actor_de_api(request),
            **datos,
        )
        return Response(PostbackSerializer(postback).data, status=201)


class MacrosView(APIView):
    """What an address may say."""

    alcances = {"GET": _LEER}

    @extend_schema(operation_id="postbacks_macros", responses=MacrosSerializer)
    def get(self, request: Request) -> Response:
        """The macros, each with an example, and the addresses of known trackers."""
        macros = [{"macro": f"{{{m}}}", "ejemplo": valor} for m, valor in MACROS.items()]
        return Response(MacrosSerializer({"macros": macros, "presets": PRESETS}).data)


class PostbackView(APIView):
    """One postback."""

    alcances = {"GET": _LEER, "PATCH": _ESCRIBIR, "DELETE": _ESCRIBIR}

    @extend_schema(operation_id="postbacks_ver", responses=PostbackSerializer)
    def get(self, request: Request, postback_id: str) -> Response:
        """The postback, with an example of what it would ask for."""
        return Response(PostbackSerializer(_postback(request, postback_id)).data)

    @extend_schema(
        operation_id="postbacks_cambiar",
        request=CambiosDePostbackSerializer,
        responses=PostbackSerializer,
    )
    def patch(self, request: Request, postback_id: str) -> Response:
        """Change the address or the states; what waits goes to the new address."""
        datos = CambiosDePostbackSerializer.leer(request.data)
        postback = _postback(request, postback_id)
        cambiado = reintentar(
            lambda: services.editar(
                webhook=postback,
                actor=actor_de_api(request),
                url=datos.get("url"),
                tipos=datos.get("estados"),
            )
        )
        return Response(PostbackSerializer(cambiado).data)

    @extend_schema(operation_id="postbacks_desactivar", responses={204: None})
    def delete(self, request: Request, postback_id: str) -> Response:
        """Send nothing more to it; one that is off stays so."""
        return apagar(request, _postback(request, postback_id))


class ActivarView(APIView):
    """Turn a postback on."""

    alcances = {"POST": _ESCRIBIR}

    @extend_schema(operation_id="postbacks_activar", request=None, responses=PostbackSerializer)
    @idempotente
    def post(self, request: Request, postback_id: str) -> Response:
        """Send to it again, and first what waited when it was turned off."""
        postback = services.activar(
            webhook=_postback(request, postback_id), actor=actor_de_api(request)
        )
        return Response(PostbackSerializer(postback).data)


class ProbarView(APIView):
    """Send a test."""

    alcances = {"POST": _ESCRIBIR}

    @extend_schema(
        operation_id="postbacks_probar",
        request=PruebaSerializer,
        responses={202: EntregaWebhookSerializer},
    )
    @idempotente
    def post(self, request: Request, postback_id: str) -> Response:
        """Ask for the address once with the values of an example, of a state if it is said; its
        answer will be among the deliveries."""
        datos = PruebaSerializer.leer(request.data or {})
        entrega = repeticion.probar(
            webhook=_postback(request, postback_id), actor=actor_de_api(request), **datos
        )
        return Response(EntregaWebhookSerializer(entrega).data, status=202)


class RepetirView(APIView):
    """Send again."""

    alcances = {"POST": _ESCRIBIR}

    @extend_schema(
        operation_id="postbacks_repetir",
        request=IntervaloSerializer,
        responses={202: RepetidasSerializer},
    )
    @idempotente
    def post(self, request: Request, postback_id: str) -> Response:
        """Send again what it was told of the events of an interval, with the values of then; what
        still waits is left as it is."""
        datos = IntervaloSerializer.leer(request.data)
        n = repeticion.repetir(
            webhook=_postback(request, postback_id), actor=actor_de_api(request), **datos
        )
        return Response({"repetidas": n}, status=202)


class EntregasView(generics.ListAPIView[EntregaWebhook]):
    """What a postback was told, newest first: `tipo` is the state and `objeto` the commission."""

    alcances = {"GET": _LEER}
    serializer_class = EntregaWebhookSerializer
    filterset_class = FiltroEntregas
    queryset = EntregaWebhook.objects.all()

    def get_queryset(self) -> QuerySet[EntregaWebhook]:
        postback = _postback(self.request, self.kwargs["postback_id"])
        return EntregaWebhook.objects.filter(webhook=postback)
