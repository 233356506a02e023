"""``/api/v1/webhooks``: where the holder of a key is told of events."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from alpespartner.comun.api.campos import CampoInstante, SerializadorEstricto
from alpespartner.comun.api.credencial import actor_de_api, credencial
from alpespartner.comun.api.idempotencia import idempotente
from alpespartner.comun.db.reintento import reintentar
from alpespartner.comun.errores import TransicionInvalida
from outbox.models import EntregaWebhook, EstadoEntregaWebhook, EstadoWebhook, Webhook
from outbox.webhooks import repeticion, services
from outbox.webhooks.destino import LARGO
from outbox.webhooks.selectors import webhook_de, webhooks_de

_LEER, _ESCRIBIR = "webhooks:leer", "webhooks:escribir"


class NuevoWebhookSerializer(SerializadorEstricto):
    """Where events go, and which."""

    url = serializers.CharField(
        max_length=LARGO, help_text=_("Dirección https pública, sin usuario ni contraseña.")
    )
    tipos = serializers.ListField(
        child=serializers.CharField(max_length=64),
        min_length=1,
        max_length=100,
        help_text=_("Tipos de evento, o `*` para todos los que puede ver la clave."),
    )


class CambiosDeWebhookSerializer(NuevoWebhookSerializer):
    """What changes; what is absent stays."""

    url = serializers.CharField(max_length=LARGO, required=False)
    tipos = serializers.ListField(
        child=serializers.CharField(max_length=64), min_length=1, max_length=100, required=False
    )


class IntervaloSerializer(SerializadorEstricto):
    """Which events are sent again: those written from an instant on and before another."""

    desde = CampoInstante()
    hasta = CampoInstante()


class WebhookSerializer(serializers.Serializer[Webhook]):
    """A webhook without its secret."""

    webhook_id = serializers.CharField(source="id_publico")
    url = serializers.CharField()
    tipos = serializers.ListField(child=serializers.CharField())
    estado = serializers.CharField()
    causa = serializers.CharField(allow_blank=True)
    fallando_desde = serializers.DateTimeField(allow_null=True)
    rotando_hasta = serializers.DateTimeField(source="anterior_hasta", allow_null=True)
    creado_en = serializers.DateTimeField()
    actualizado_en = serializers.DateTimeField()


class WebhookConSecretoSerializer(WebhookSerializer):
    """With its secret, which is said once: null when the request is a repetition."""

    secreto = serializers.CharField(allow_null=True)


class EntregaWebhookSerializer(serializers.Serializer[EntregaWebhook]):
    """An event on its way, and what its last try was answered."""

    evento_id = serializers.CharField()
    tipo = serializers.CharField()
    objeto = serializers.CharField()
    vez = serializers.IntegerField()
    estado = serializers.CharField()
    intentos = serializers.IntegerField()
    proximo_en = serializers.SerializerMethodField()
    codigo_http = serializers.IntegerField(allow_null=True)
    error = serializers.CharField(allow_blank=True)
    respuesta = serializers.CharField(allow_blank=True)
    huella = serializers.CharField(allow_blank=True)
    duracion_ms = serializers.IntegerField(allow_null=True)
    creada_en = serializers.DateTimeField()
    intentada_en = serializers.DateTimeField(allow_null=True)

    def get_proximo_en(self, entrega: EntregaWebhook) -> str | None:
        """When it is tried next; null when it is not."""
        if entrega.estado != EstadoEntregaWebhook.PENDIENTE:
            return None
        return str(serializers.DateTimeField().to_representation(entrega.toca_en))


class RepetidasSerializer(serializers.Serializer[object]):
    """How many events wait to be sent again."""

    repetidas = serializers.IntegerField()


class FiltroWebhooks(django_filters.FilterSet):
    """Filters of the list."""

    estado = django_filters.ChoiceFilter(choices=EstadoWebhook.choices)

    class Meta:
        model = Webhook
        fields = ("estado",)


class FiltroEntregas(django_filters.FilterSet):
    """Filters of the log."""

    evento_id = django_filters.CharFilter(max_length=36)

    class Meta:
        model = EntregaWebhook
        fields = ("evento_id",)


def _webhook(request: Request, webhook_id: str) -> Webhook:
    """The webhook of a path, if it is of the key's holder."""
    clave = credencial(request)
    return webhook_de(clave.titular_normal, clave.afiliado_publico, webhook_id)


def _con_secreto(request: Request, respuesta: Response) -> Response:
    # The answer that is kept to be repeated has none: it would be there to be read.
    respuesta.data["secreto"] = getattr(request, "secreto_nuevo", None)
    respuesta["Cache-Control"] = "no-store"
    return respuesta


def _sin_secreto(request: Request, webhook: Webhook, secreto: str, estado: int) -> Response:
    request.secreto_nuevo = secreto  # type: ignore[attr-defined]
    return Response({**WebhookSerializer(webhook).data, "secreto": None}, status=estado)


class WebhooksView(generics.ListAPIView[Webhook]):
    """List and make webhooks."""

    alcances = {"GET": _LEER, "POST": _ESCRIBIR}
    serializer_class = WebhookSerializer
    filterset_class = FiltroWebhooks
    queryset = Webhook.objects.all()

    def get_queryset(self) -> QuerySet[Webhook]:
        clave = credencial(self.request)
        return webhooks_de(clave.titular_normal, clave.afiliado_publico)

    @extend_schema(
        operation_id="webhooks_crear",
        request=NuevoWebhookSerializer,
        responses={201: WebhookConSecretoSerializer},
    )
    def post(self, request: Request) -> Response:
        """Make a webhook of the key's holder. Its `secreto` is said in this answer only."""
        return _con_secreto(request, self._crear(request))

    @idempotente
    def _crear(self, request: Request) -> Response:
        datos = NuevoWebhookSerializer.leer(request.data)
        clave = credencial(request)
        webhook, secreto = services.crear(
            **datos,
            titular=clave.titular_normal,
            afiliado=clave.afiliado_publico,
            actor=actor_de_api(request),
        )
        return _sin_secreto(request, webhook, secreto, 201)


def apagar(request: Request, webhook: Webhook) -> Response:
    """Send nothing more to a webhook or a postback; one that is off stays so."""
    with suppress(TransicionInvalida):
        reintentar(lambda: services.desactivar(webhook=webhook, actor=actor_de_api(request)))
    return Response(status=204)


class WebhookView(APIView):
    """One webhook."""

    alcances = {"GET": _LEER, "PATCH": _ESCRIBIR, "DELETE": _ESCRIBIR}

    @extend_schema(operation_id="webhooks_ver", responses=WebhookSerializer)
    def get(self, request: Request, webhook_id: str) -> Response:
        """The webhook, without its secret."""
        return Response(WebhookSerializer(_webhook(request, webhook_id)).data)

    @extend_schema(
        operation_id="webhooks_cambiar",
        request=CambiosDeWebhookSerializer,
        responses=WebhookSerializer,
    )
    def patch(self, request: Request, webhook_id: str) -> Response:
        """Change where events go, or which."""
        datos: dict[str, Any] = CambiosDeWebhookSerializer.leer(request.data)
        webhook = _webhook(request, webhook_id)
        cambiado = reintentar(
            lambda: services.editar(webhook=webhook, actor=actor_de_api(request), **datos)
        )
        return Response(WebhookSerializer(cambiado).data)

    @extend_schema(operation_id="webhooks_desactivar", responses={204: None})
    def delete(self, request: Request, webhook_id: str) -> Response:
        """Send nothing more to it; one that is off stays so."""
        return apagar(request, _webhook(request, webhook_id))


class ActivarView(APIView):
    """Turn a webhook on."""

    alcances = {"POST": _ESCRIBIR}

    @extend_schema(operation_id="webhooks_activar", request=None, responses=WebhookSerializer)
    @idempotente
    def post(self, request: Request, webhook_id: str) -> Response:
        """Send to it again, and first what waited when it was turned off."""
        webhook = services.activar(
            webhook=_webhook(request, webhook_id), actor=actor_de_api(request)
        )
        return Response(WebhookSerializer(webhook).data)


class ProbarView(APIView):
    """Send a test."""

    alcances = {"POST": _ESCRIBIR}

    @extend_schema(
        operation_id="webhooks_probar", request=None, responses={202: EntregaWebhookSerializer}
    )
    @idempotente
    def post(self, request: Request, webhook_id: str) -> Response:
        """Send an event of type `PruebaDeWebhook`; its answer will be among the deliveries."""
        entrega = repeticion.probar(
            webhook=_webhook(request, webhook_id), actor=actor_de_api(request)
        )
        return Response(EntregaWebhookSerializer(entrega).data, status=202)


class RotarView(APIView):
    """Give another secret."""

    alcances = {"POST": _ESCRIBIR}

    @extend_schema(
        operation_id="webhooks_rotar", request=None, responses=WebhookConSecretoSerializer
    )
    def post(self, request: Request, webhook_id: str) -> Response:
        """Another secret, said in this answer only; for a day both sign."""
        return _con_secreto(request, self._rotar(request, webhook_id))

    @idempotente
    def _rotar(self, request: Request, webhook_id: str) -> Response:
        webhook, secreto = services.rotar(
            webhook=_webhook(request, webhook_id), actor=actor_de_api(request)
        )
        return _sin_secreto(request, webhook, secreto, 200)


class RepetirView(APIView):
    """Send events again."""

    alcances = {"POST": _ESCRIBIR}

    @extend_schema(
        operation_id="webhooks_repetir",
        request=IntervaloSerializer,
        responses={202: RepetidasSerializer},
    )
    @idempotente
    def post(self, request: Request, webhook_id: str) -> Response:
        """Send again the events of an interval that are for this webhook, with the same
        `webhook-id`; those that still wait are left as they are."""
        datos = IntervaloSerializer.leer(request.data)
        n = repeticion.repetir(
            webhook=_webhook(request, webhook_id), actor=actor_de_api(request), **datos
        )
        return Response({"repetidas": n}, status=202)


class EntregasView(generics.ListAPIView[EntregaWebhook]):
    """What a webhook was sent, newest first."""

    alcances = {"GET": _LEER}
    serializer_class = EntregaWebhookSerializer
    filterset_class = FiltroEntregas
    queryset = EntregaWebhook.objects.all()

    def get_queryset(self) -> QuerySet[EntregaWebhook]:
        webhook = _webhook(self.request, self.kwargs["webhook_id"])
        return EntregaWebhook.objects.filter(webhook=webhook)
