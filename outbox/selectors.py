"""Reads of the outbox."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from outbox.consumo import CONSUMIDORES, Consumidor
from outbox.models import (
    EntregaConfirmada,
    EntregaPendiente,
    EventoAparcado,
    EventoProcesado,
    OutboxEvent,
)


def queridos_por(consumidor: Consumidor) -> QuerySet[OutboxEvent, Any]:
    """Events of the types that a consumer wants."""
    eventos = OutboxEvent.objects.all()
    return eventos.filter(type__in=consumidor.tipos) if consumidor.tipos else eventos


def recibidos_por(consumidor: Consumidor) -> Exists:
    """Whether a subscription has handled an event."""
    return Exists(
        EventoProcesado.objects.filter(
            suscripcion=consumidor.nombre, evento_id=OuterRef("evento_id")
        )
    )


def en_camino(consumidor: Consumidor, sujetos: Collection[str]) -> bool:
    """Whether a consumer still has to handle some event of these subjects."""
    eventos = queridos_por(consumidor).filter(aggregateid__in=sujetos)
    return eventos.exclude(recibidos_por(consumidor)).exists()


def sin_entregar(consumidor: Consumidor) -> QuerySet[OutboxEvent, Any]:
    """Committed events that a subscription neither handled nor has waiting or parked.

    One that was parked and re-queued is waiting, until it is handled.
    """
    propios = {"suscripcion": consumidor.nombre, "evento": OuterRef("pk")}
    return queridos_por(consumidor).exclude(
        recibidos_por(consumidor)
        | Exists(EntregaPendiente.objects.filter(**propios))
        | Exists(EventoAparcado.objects.filter(reencolado_en=None, **propios))
    )


def espera_desde() -> datetime | None:
    """When the oldest event that nobody tried to deliver yet was written."""
    return (
        EntregaPendiente.objects.filter(intentos=0)
        .order_by("id")
        .values_list("evento__created_at", flat=True)
        .first()
    )


def eventos_con_entrega() -> QuerySet[OutboxEvent, Any]:
    """Events with ``entregado``: whether no subscription still waits for them."""
    if settings.EVENTOS_TRANSPORTE == "embebido":
        entregado: Any = ~Exists(EntregaPendiente.objects.filter(evento=OuterRef("pk")))
    else:
        entregado = Exists(EntregaConfirmada.objects.filter(evento_id=OuterRef("evento_id")))
    return OutboxEvent.objects.annotate(entregado=entregado)


@dataclass(frozen=True, slots=True)
class Entrega:
    """How an event stands with one subscription: ``estado`` is recibido, reintentando, en_camino
    or aparcado; ``retraso_ms`` counts from its writing to its effect."""

    suscripcion: str
    estado: str
    recibido_en: datetime | None = None
    retraso_ms: int | None = None
    intentos: int = 0
    error: str = ""


def entregas_de(evento: OutboxEvent) -> list[Entrega]:
    """Where an event is for each subscription that wants it, in three queries."""
    recibidos = dict(
        EventoProcesado.objects.filter(evento_id=evento.evento_id).values_list(
            "suscripcion", "procesado_en"
        )
    )
    pendientes = {e.suscripcion: e for e in EntregaPendiente.objects.filter(evento=evento)}
    aparcados = {
        a.suscripcion: a for a in EventoAparcado.objects.filter(evento=evento, reencolado_en=None)
    }
    entregas = []
    for nombre in (c.nombre for c in CONSUMIDORES.values() if c.quiere(evento.type)):
        if nombre in recibidos:
            cuando = recibidos[nombre]
            milis = int((cuando - evento.created_at).total_seconds() * 1000)
            entregas.append(Entrega(nombre, "recibido", cuando, max(0, milis)))
        elif nombre in aparcados:
            aparcado = aparcados[nombre]
            entregas.append(
                Entrega(nombre, "aparcado", intentos=aparcado.intentos, error=aparcado.error)
            )
        elif nombre in pendientes and pendientes[nombre].intentos:
            pendiente = pendientes[nombre]
            entregas.append(
                Entrega(
                    nombre,
                    "reintentando",
                    intentos=pendiente.intentos,
                    error=pendiente.ultimo_error,
                )
            )
        else:
            entregas.append(Entrega(nombre, "en_camino"))
    return entregas


def eventos_de(aggregateid: str) -> QuerySet[OutboxEvent, Any]:
    """Events of one aggregate, oldest first."""
    return eventos_con_entrega().filter(aggregateid=aggregateid).order_by("posicion")
