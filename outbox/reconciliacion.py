"""Proof of delivery: what was committed against what each subscription received or parked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from outbox.archivo import archivar
from outbox.consumo import CONSUMIDORES
from outbox.flujo.services import anotar_purga
from outbox.models import (
    EntregaConfirmada,
    EntregaPendiente,
    EntregaWebhook,
    EstadoEntregaWebhook,
    EventoAparcado,
    EventoProcesado,
    EventoPurgado,
    OutboxEvent,
)
from outbox.selectors import queridos_por, recibidos_por, sin_entregar
from outbox.transportes.pulsar.publicador import publicador

_POR_SENTENCIA = 500


@dataclass(frozen=True, slots=True)
class Estado:
    """How a subscription stands for the events older than the cut."""

    suscripcion: str
    emitidos: int
    recibidos: int
    en_espera: int
    aparcados: int
    faltan: int


def reconciliar(antes_de: datetime) -> Iterator[tuple[Estado, list[str]]]:
    """State of each subscription, with the ids of the (up to 20) first events that it misses."""
    for consumidor in CONSUMIDORES.values():
        emitidos = queridos_por(consumidor).filter(created_at__lt=antes_de)
        propios = {"suscripcion": consumidor.nombre}
        faltan = sin_entregar(consumidor).filter(created_at__lt=antes_de)
        yield (
            Estado(
                suscripcion=consumidor.nombre,
                emitidos=emitidos.count(),
                recibidos=emitidos.filter(recibidos_por(consumidor)).count(),
                en_espera=EntregaPendiente.objects.filter(**propios).count(),
                aparcados=EventoAparcado.objects.filter(reencolado_en=None, **propios).count(),
                faltan=faltan.count(),
            ),
            list(faltan.order_by("posicion").values_list("evento_id", flat=True)[:20]),
        )


def reemitir(antes_de: datetime) -> int:
    """Publish again what some subscription misses; the others find it in their inbox.

    Returns how many events were sent. Raises PublicacionFallida.
    """
    perdidos = {
        pk
        for consumidor in CONSUMIDORES.values()
        for pk in sin_entregar(consumidor)
        .filter(created_at__lt=antes_de)
        .values_list("pk", flat=True)
    }
    orden = sorted(perdidos)
    with publicador() as salida:
        for inicio in range(0, len(orden), _POR_SENTENCIA):
            porcion = orden[inicio : inicio + _POR_SENTENCIA]
            salida.publicar(OutboxEvent.objects.filter(pk__in=porcion).order_by("posicion"))
    return len(orden)


def purgar(antes_de: datetime, *, por_lote: int = 1_000) -> Iterator[int]:
    """Delete, in batches, events older than ``antes_de`` that every subscription received.

    Yields the rows deleted by each batch. What is missing, waiting or parked stays, and of each
    event that goes, that it was; the event itself goes to the archive.
    """
    while True:
        consulta = OutboxEvent.objects.filter(created_at__lt=antes_de).exclude(
            Exists(EntregaPendiente.objects.filter(evento=OuterRef("pk")))
            | Exists(EventoAparcado.objects.filter(evento=OuterRef("pk")))
            # Its document is still to be sent to somebody.
            | Exists(
                EntregaWebhook.objects.filter(
                    evento_id=OuterRef("evento_id"), estado=EstadoEntregaWebhook.PENDIENTE
                )
            )
        )
        for consumidor in CONSUMIDORES.values():
            ajeno = ~Q(type__in=consumidor.tipos) if consumidor.tipos else Q(pk__in=())
            consulta = consulta.filter(Q(recibidos_por(consumidor)) | ajeno)
        lote = list(consulta.order_by("posicion")[:por_lote])
        if not lote:
            return
        # Before: who dies between them leaves events that are in both, and are told once.
        archivar(lote)
        with transaction.atomic():
            ids = [evento.evento_id for evento in lote]
            # Two purges at once: the second finds the first one's rows, and undoes nothing.
            EventoPurgado.objects.bulk_create(
                [
                    EventoPurgado(
                        evento_id=evento.evento_id,
                        aggregateid=evento.aggregateid,
                        type=evento.type,
                        created_at=evento.created_at,
                    )
                    for evento in lote
                ],
                ignore_conflicts=True,
            )
            EventoProcesado.objects.filter(evento_id__in=ids)._raw_delete(using="default")
            EntregaConfirmada.objects.filter(evento_id__in=ids)._raw_delete(using="default")
            OutboxEvent.objects.filter(pk__in=[e.pk for e in lote])._raw_delete(using="default")
            anotar_purga(lote[-1].posicion)
        yield len(lote)


def corte(segundos: float | None = None) -> datetime:
    """Instant before which an event should have arrived."""
    if segundos is None:
        segundos = settings.RECONCILIACION_SEGUNDOS
    return timezone.now() - timedelta(seconds=segundos)
