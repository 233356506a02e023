"""Handing pending events to a consumer, whatever the transport: one table of retries.

Several may run at once: a batch is locked while it is handled. An event that fails is retried with
growing pauses and parked after five tries; later events of the same aggregate wait for it, the
others do not.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import (
    OperationalError,
    transaction,
)
from django.utils import timezone

from alpespartner.comun.actores import Actor
from alpespartner.comun.db.escritura import no_escribe
from alpespartner.comun.historial import paso
from outbox.consumo import Consumidor, Sobre, procesar
from outbox.errores import EventoAjeno, YaReencolado
from outbox.models import EntregaPendiente, EventoAparcado, EventoProcesado
from outbox.selectors import sin_entregar

log = logging.getLogger(__name__)
TANDA = 100
INTENTOS = 5


def _siguientes(consumidor: Consumidor, limite: int) -> list[EntregaPendiente]:
    """Lock and return the next deliveries, in order, leaving out aggregates that wait."""
    pendientes = EntregaPendiente.objects.filter(suscripcion=consumidor.nombre)
    esperan = list(
        pendientes.filter(no_antes_de__gt=timezone.now()).values_list(
            "evento__aggregateid", flat=True
        )
    )
    consulta = pendientes.order_by("id")
    if esperan:
        consulta = consulta.exclude(evento__aggregateid__in=esperan)
    # Locks only what this read saw: a locking scan would wait for rows that others have not
    # committed yet.
    vistas = list(consulta.values_list("pk", flat=True)[:limite])
    return list(
        EntregaPendiente.objects.filter(pk__in=vistas)
        .select_related("evento")
        .select_for_update(of=("self",))
        .order_by("id")
    )


def sobre_de(entrega: EntregaPendiente) -> Sobre:
    """What the consumer gets for a pending delivery."""
    evento = entrega.evento
    return Sobre(evento.evento_id, evento.type, evento.aggregateid, evento.payload)


def anotar_fallo(consumidor: Consumidor, entrega_pk: int, error: Exception) -> None:
    """Count a failed try of a pending delivery: it waits, or is parked after ``INTENTOS``."""
    with transaction.atomic():
        entrega = EntregaPendiente.objects.select_for_update().filter(pk=entrega_pk).first()
        if entrega is None:
            return
        # The column may hold the largest number that it can.
        entrega.intentos = min(entrega.intentos + 1, INTENTOS)
        entrega.ultimo_error = f"{type(error).__name__}: {error}"[:500]
        if entrega.intentos < INTENTOS:
            # 0.5, 1, 2 and 4 seconds.
            entrega.no_antes_de = timezone.now() + timedelta(seconds=0.25 * 2**entrega.intentos)
            entrega.save(update_fields=["intentos", "ultimo_error", "no_antes_de"])
            log.warning(
                "%s: falló el evento %s (intento %s): %s",
                consumidor.nombre,
                entrega.evento_id,
                entrega.intentos,
                type(error).__name__,
            )
            return
        EventoAparcado.objects.create(
            suscripcion=consumidor.nombre,
            evento_id=entrega.evento_id,
            intentos=entrega.intentos,
            error=entrega.ultimo_error,
        )
        entrega.delete()
        log.error("%s: evento %s aparcado", consumidor.nombre, entrega.evento_id)


def no_es_del_evento(exc: Exception) -> bool:
    """Whether an error is the doing of a busy database or a full disk: it costs the event no try,
    and nothing is parked for it."""
    return isinstance(exc, OperationalError) or no_escribe(exc)


def _entregar_juntas(consumidor: Consumidor, entregas: list[EntregaPendiente]) -> None:
    procesar(consumidor, [sobre_de(e) for e in entregas])
    EntregaPendiente.objects.filter(pk__in=[e.pk for e in entregas]).delete()


def _entregar_una_a_una(consumidor: Consumidor, entregas: list[EntregaPendiente]) -> int:
    """After a batch failed: only the event at fault, and those behind it, must wait."""
    hechas = 0
    esperan: set[str] = set()
    for entrega in entregas:
        if entrega.evento.aggregateid in esperan:
            continue
        try:
            with transaction.atomic():
                bloqueada = EntregaPendiente.objects.select_for_update().filter(pk=entrega.pk)
                if not bloqueada.exists():
                    continue  # Another relay was first.
                _entregar_juntas(consumidor, [entrega])
            hechas += 1
        except Exception as exc:
            if no_es_del_evento(exc):
                raise
            esperan.add(entrega.evento.aggregateid)
            anotar_fallo(consumidor, entrega.pk, exc)
    return hechas


def entregar(consumidor: Consumidor, limite: int = TANDA) -> int:
    """Handle up to ``limite`` pending events of a consumer; returns how many it handled.

    Effects, inbox and the end of the deliveries are one transaction. Raises whatever
    :func:`no_es_del_evento` says: nothing is lost, try again.
    """
    if not EntregaPendiente.objects.filter(suscripcion=consumidor.nombre).exists():
        # The usual answer, without taking SQLite's only write lock.
        return 0
    entregas: list[EntregaPendiente] = []
    try:
        with transaction.atomic():
            entregas = _siguientes(consumidor, limite)
            if entregas:
                _entregar_juntas(consumidor, entregas)
        return len(entregas)
    except Exception as exc:
        if no_es_del_evento(exc):
            raise
        log.info("%s: falló un lote de %s: %s", consumidor.nombre, len(entregas), exc)
        return _entregar_una_a_una(consumidor, entregas)


def dar_por_recibidos(consumidor: Consumidor, desde: int, hasta: int) -> None:
    """Note in a consumer's inbox the events after a position, up to another, that it neither has
    nor waits for: it is new, and looks by itself at what they tell."""
    suyos = sin_entregar(consumidor).filter(posicion__gt=desde, posicion__lte=hasta)
    EventoProcesado.objects.bulk_create(
        [
            EventoProcesado(suscripcion=consumidor.nombre, evento_id=evento_id)
            for evento_id in suyos.values_list("evento_id", flat=True)
        ],
        ignore_conflicts=True,
    )


def reencolar(*, aparcado: EventoAparcado, actor: Actor) -> None:
    """Hand a parked event to its subscription again.

    Raises :class:`YaReencolado` when it waits already, was re-queued or was handled, and
    :class:`EventoAjeno`.
    """
    with transaction.atomic():
        aparcado = (
            EventoAparcado.objects.select_for_update().select_related("evento").get(pk=aparcado.pk)
        )
        if aparcado.evento is None:
            raise EventoAjeno()
        suya = {"suscripcion": aparcado.suscripcion}
        if (
            aparcado.reencolado_en is not None
            or EntregaPendiente.objects.filter(evento=aparcado.evento, **suya).exists()
            or EventoProcesado.objects.filter(evento_id=aparcado.evento.evento_id, **suya).exists()
        ):
            raise YaReencolado()
        aparcado.reencolado_en = timezone.now()
        aparcado.save(update_fields=["reencolado_en"])
        EntregaPendiente.objects.create(evento=aparcado.evento, **suya)
        paso(
            entidad="evento",
            entidad_id=aparcado.evento.evento_id,
            accion="reencolar",
            actor=actor,
            datos=suya,
        ).save()
