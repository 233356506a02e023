"""Publishing outbox rows to Pulsar ourselves: the path without Debezium, and re-emission."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pulsar
from django.conf import settings

from outbox.errores import PublicacionFallida
from outbox.models import OutboxEvent
from outbox.transportes.pulsar.topicos import POR_CONTEXTO


class Publicador:
    """Producers of the four topics; a row's key is its aggregate, as Debezium's router does."""

    def __init__(self, cliente: Any) -> None:
        self._cliente = cliente
        self._productores: dict[str, Any] = {}

    def publicar(self, filas: Iterable[OutboxEvent]) -> None:
        """Send rows and wait until all are stored; raises :class:`PublicacionFallida`."""
        usados = set()
        fallos: list[Any] = []

        def recibido(resultado: Any, _mensaje: Any) -> None:
            if resultado != pulsar.Result.Ok:
                fallos.append(resultado)

        for fila in filas:
            productor = self._productor(fila.aggregatetype)
            usados.add(fila.aggregatetype)
            productor.send_async(
                fila.payload.encode(),
                recibido,
                partition_key=fila.aggregateid,
                properties={"eventType": fila.type, "version": str(fila.aggregate_version)},
            )
        for contexto in usados:
            self._productores[contexto].flush()
        if fallos:
            raise PublicacionFallida(f"Pulsar rechazó {len(fallos)} mensajes: {fallos[0]}")

    def _productor(self, contexto: str) -> Any:
        if contexto not in self._productores:
            self._productores[contexto] = self._cliente.create_producer(
                POR_CONTEXTO[contexto].nombre,
                block_if_queue_full=True,
                send_timeout_millis=0,
                batching_enabled=True,
                batching_type=pulsar.BatchingType.KeyBased,
                batching_max_publish_delay_ms=1,
            )
        return self._productores[contexto]


@contextmanager
def publicador() -> Iterator[Publicador]:
    """A publisher on a client of its own."""
    cliente = pulsar.Client(
        settings.PULSAR_URL, logger=pulsar.ConsoleLogger(pulsar.LoggerLevel.Error)
    )
    try:
        yield Publicador(cliente)
    finally:
        cliente.close()
