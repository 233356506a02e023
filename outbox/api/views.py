"""``GET /debug/outbox``: the latest events, for integrations that follow their own traffic."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from alpespartner.comun.api.credencial import credencial
from alpespartner.comun.db.campos import documento
from alpespartner.comun.errores import NoPermitido
from outbox.models import OutboxEvent
from outbox.selectors import eventos_con_entrega


class EventoSerializer(serializers.Serializer[Any]):
    """Row of the outbox with the names of the earlier systems."""

    id = serializers.CharField(source="evento_id")
    aggregatetype = serializers.CharField()
    aggregateid = serializers.CharField()
    type = serializers.CharField()
    aggregate_version = serializers.IntegerField()
    payload = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    published = serializers.SerializerMethodField()

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_payload(self, fila: OutboxEvent) -> dict[str, object]:
        """The CloudEvents document."""
        leido: dict[str, object] = documento(fila.payload, dict)
        return leido

    def get_published(self, fila: OutboxEvent) -> int:
        """1 when every subscription has it, else 0."""
        return int(fila.entregado)  # type: ignore[attr-defined]


class DebugOutboxSerializer(serializers.Serializer[object]):
    """Answer of the page."""

    total_events = serializers.IntegerField()
    events = EventoSerializer(many=True)


class DebugOutboxView(APIView):
    """The ten latest events and how many there are."""

    alcances = {"GET": "outbox:leer"}

    @extend_schema(operation_id="debug_outbox", tags=["eventos"], responses=DebugOutboxSerializer)
    def get(self, request: Request) -> Response:
        """Latest events first. Needs the scope `outbox:leer` and a key without an affiliate."""
        if credencial(request).afiliado_id is not None:
            raise NoPermitido("Los eventos son de todo el programa: usa una clave sin afiliado.")
        eventos = eventos_con_entrega().order_by("-posicion")[:10]
        return Response(
            {
                "total_events": OutboxEvent.objects.count(),
                "events": EventoSerializer(eventos, many=True).data,
            }
        )
