"""A witness: a subscription of its own that writes down every message stored in the four topics."""

from __future__ import annotations

import json
import threading
import uuid
from collections import defaultdict

import pulsar

from outbox.transportes.pulsar.topicos import TOPICOS

SUSCRIPCION = "testigo"
# Waits of 0.2 s without a message.
_QUIETO = 10


class Testigo:
    """Message ids of each event; two different ones mean that it was stored twice."""

    __test__ = False

    def __init__(self, url: str) -> None:
        self._url = url
        self._parar = threading.Event()
        self._listo = threading.Event()
        self.mensajes: dict[str, set[str]] = defaultdict(set)
        self.ajenos = 0
        self._hilo = threading.Thread(target=self._leer, name="testigo", daemon=True)

    def empezar(self) -> None:
        """Subscribe; returns when nothing published from now on can be missed."""
        self._hilo.start()
        assert self._listo.wait(60), "the witness could not subscribe"

    def terminar(self) -> None:
        """Stop reading."""
        self._parar.set()
        self._hilo.join(30)

    def copias(self, evento_id: str) -> int:
        """How many times an event is stored."""
        return len(self.mensajes.get(evento_id, ()))

    def _leer(self) -> None:
        cliente = pulsar.Client(self._url, logger=pulsar.ConsoleLogger(pulsar.LoggerLevel.Error))
        canal = cliente.subscribe(
            [topico.nombre for topico in TOPICOS],
            # Nobody else's, not even another run's: whoever shared it would take messages from it.
            f"{SUSCRIPCION}-{uuid.uuid4()}",
            consumer_type=pulsar.ConsumerType.Exclusive,
            initial_position=pulsar.InitialPosition.Earliest,
        )
        quieto = 0
        while not self._parar.is_set():
            try:
                mensaje = canal.receive(200)
            except pulsar.Timeout:
                quieto += 1
                if quieto >= _QUIETO:
                    # What was there before is read.
                    self._listo.set()
                continue
            quieto = 0
            try:
                evento_id = json.loads(mensaje.data())["id"]
            except (ValueError, KeyError, TypeError):
                self.ajenos += 1
            else:
                self.mensajes[evento_id].add(f"{mensaje.topic_name()} {mensaje.message_id()}")
            canal.acknowledge(mensaje)
        canal.unsubscribe()
        cliente.close()
