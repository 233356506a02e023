"""Consuming from Pulsar: batches, one database transaction each, acknowledged after the commit.

A batch that comes again, because the process died between commit and acknowledgement, finds its
events in the inbox. An event that fails goes to the same pending table that the embedded relay
uses, with the later ones of its aggregate behind it: retries, parking and re-queueing are one
mechanism for both transports.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Sequence
from typing import Any

import pulsar
from django.conf import settings
from django.db import DatabaseError, close_old_connections, transaction

from outbox.consumo import Consumidor, Sobre, procesar
from outbox.entrega import anotar_fallo, entregar, no_es_del_evento
from outbox.models import EntregaPendiente, EventoAparcado, OutboxEvent
from outbox.transportes.pulsar.topicos import topicos_de

log = logging.getLogger(__name__)

TANDA = 500
_ESPERA_LOTE_MS = 5
_ESPERA_BASE_DE_DATOS = 1.0
_PAUSA_PENDIENTES = 0.2


def leer_sobre(texto: str) -> Sobre:
    """The envelope of a CloudEvents document; raises ValueError or KeyError when it is not one."""
    documento = json.loads(texto)
    return Sobre(documento["id"], documento["type"], documento["subject"], texto)


class Consumo:
    """One consumer reading its subscription until it is told to stop."""

    def __init__(self, consumidor: Consumidor, parar: threading.Event) -> None:
        self._consumidor = consumidor
        self._parar = parar

    def correr(self) -> None:
        """Read until ``parar``; what was not acknowledged comes again."""
        cliente = pulsar.Client(
            settings.PULSAR_URL, logger=pulsar.ConsoleLogger(pulsar.LoggerLevel.Error)
        )
        try:
            canal = cliente.subscribe(
                [topico.nombre for topico in topicos_de(self._consumidor)],
                self._consumidor.nombre,
                consumer_type=(
                    pulsar.ConsumerType.Failover
                    if self._consumidor.exclusivo
                    else pulsar.ConsumerType.KeyShared
                ),
                initial_position=pulsar.InitialPosition.Earliest,
                batch_receive_policy=pulsar.ConsumerBatchReceivePolicy(
                    TANDA, 8_000_000, _ESPERA_LOTE_MS
                ),
            )
            revisado = 0.0
            while not self._parar.is_set():
                mensajes = canal.batch_receive()
                if mensajes:
                    self._hasta_que_se_pueda(mensajes)
                    for mensaje in mensajes:
                        canal.acknowledge(mensaje)
                if time.monotonic() - revisado > _PAUSA_PENDIENTES:
                    self._atender_pendientes()
                    revisado = time.monotonic()
                if not mensajes:
                    self._parar.wait(0.002)
        finally:
            cliente.close()

    def _hasta_que_se_pueda(self, mensajes: Sequence[Any]) -> None:
        """Handle a batch, however long the database is away."""
        textos = [mensaje.data().decode("utf-8", "replace") for mensaje in mensajes]
        while True:
            try:
                self.manejar(textos)
                return
            except Exception as exc:
                if not no_es_del_evento(exc):
                    raise
                log.warning("%s: no se puede guardar nada", self._consumidor.nombre)
                close_old_connections()
                if self._parar.wait(_ESPERA_BASE_DE_DATOS):
                    # Nothing was acknowledged: it comes again.
                    raise

    def manejar(self, textos: Sequence[str]) -> None:
        """Apply a batch of documents, or leave the ones that fail waiting in the database."""
        sobres = []
        for texto in textos:
            try:
                sobre = leer_sobre(texto)
            except (ValueError, KeyError, TypeError) as exc:
                self._aparcar_ilegible(texto, exc)
                continue
            if self._consumidor.quiere(sobre.tipo):
                sobres.append(sobre)
        if not sobres:
            return
        try:
            with transaction.atomic():
                procesar(self._consumidor, self._apartar(sobres))
        except Exception as exc:
            if no_es_del_evento(exc):
                raise
            log.info("%s: falló un lote de %s: %s", self._consumidor.nombre, len(sobres), exc)
            self._uno_a_uno(sobres)

    def _apartar(self, sobres: Sequence[Sobre]) -> list[Sobre]:
        """Leave in the pending table those whose aggregate waits; returns the others."""
        esperan = set(
            EntregaPendiente.objects.filter(
                suscripcion=self._consumidor.nombre,
                evento__aggregateid__in={s.sujeto for s in sobres},
            ).values_list("evento__aggregateid", flat=True)
        )
        if not esperan:
            return list(sobres)
        self._encolar([s for s in sobres if s.sujeto in esperan])
        return [s for s in sobres if s.sujeto not in esperan]

    def _encolar(self, sobres: Sequence[Sobre]) -> None:
        filas = OutboxEvent.objects.filter(evento_id__in=[s.id for s in sobres]).order_by(
            "posicion"
        )
        EntregaPendiente.objects.bulk_create(
            [
                EntregaPendiente(suscripcion=self._consumidor.nombre, evento_id=pk)
                for pk in filas.values_list("pk", flat=True)
            ],
            ignore_conflicts=True,
        )

    def _uno_a_uno(self, sobres: Sequence[Sobre]) -> None:
        for sobre in sobres:
            try:
                with transaction.atomic():
                    procesar(self._consumidor, self._apartar([sobre]))
            except Exception as exc:
                if no_es_del_evento(exc):
                    raise
                self._dejar_pendiente(sobre, exc)

    def _dejar_pendiente(self, sobre: Sobre, error: Exception) -> None:
        with transaction.atomic():
            self._encolar([sobre])
            entrega = EntregaPendiente.objects.filter(
                suscripcion=self._consumidor.nombre, evento__evento_id=sobre.id
            ).first()
            if entrega is None:
                # No row of ours: somebody else's message on our topic.
                self._aparcar_ilegible(sobre.texto, error)
            else:
                anotar_fallo(self._consumidor, entrega.pk, error)

    def _aparcar_ilegible(self, texto: str, error: Exception) -> None:
        log.error("%s: mensaje ajeno o ilegible, aparcado", self._consumidor.nombre)
        EventoAparcado.objects.create(
            suscripcion=self._consumidor.nombre,
            evento=None,
            intentos=1,
            error=f"{type(error).__name__}: {error}"[:500],
            contenido=texto[:10_000],
        )

    def _atender_pendientes(self) -> None:
        try:
            while entregar(self._consumidor):
                pass
        except (DatabaseError, OSError):
            log.warning("%s: no se puede guardar nada", self._consumidor.nombre)
            close_old_connections()
