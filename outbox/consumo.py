"""Consumers: the same objects whatever brings the events, each with an inbox.

A consumer handles batches. The inbox rows go in the transaction of the effect, so an event that
comes twice has its effect once.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import transaction

from alpespartner.comun.medidas import lotes
from alpespartner.comun.peticion import HILO, siguiendo
from outbox.models import EventoProcesado, EventoPurgado

rastro = logging.getLogger("rastro")


@dataclass(frozen=True)
class Sobre:
    """An event as a consumer sees it; ``texto`` is the exact CloudEvents document, which is read
    once whoever asks: what comes of it is not to be changed."""

    id: str
    tipo: str
    sujeto: str
    texto: str

    @property
    def datos(self) -> dict[str, Any]:
        """Field ``data`` of the document."""
        datos: dict[str, Any] = self._documento["data"]
        return datos

    @cached_property
    def _documento(self) -> Any:
        return json.loads(self.texto)

    @property
    def hilo(self) -> str:
        """The request that it came of (``correlacion``), "" when it says none."""
        # Most of what is read again and again is not read for this.
        if f'"{HILO}"' not in self.texto:
            return ""
        hilo = self._documento.get(HILO)
        return hilo if isinstance(hilo, str) and len(hilo) <= 128 else ""


@dataclass(frozen=True)
class Consumidor:
    """A named subscription: the types it wants (empty means all) and what it does with a batch.

    ``exclusivo``: one process at a time reads it, in order. ``transportes``: where it exists.
    """

    nombre: str
    tipos: frozenset[str]
    manejar: Callable[[Sequence[Sobre]], None]
    exclusivo: bool = False
    transportes: frozenset[str] = frozenset({"embebido", "pulsar", "manual"})

    def quiere(self, tipo: str) -> bool:
        """Whether events of ``tipo`` are for this consumer."""
        return not self.tipos or tipo in self.tipos


CONSUMIDORES: dict[str, Consumidor] = {}


def registrar(consumidor: Consumidor) -> Consumidor:
    """Add a consumer; its app's ``ready()`` imports the module that calls this."""
    if consumidor.nombre in CONSUMIDORES:
        raise ValueError(f"consumidor declarado dos veces: {consumidor.nombre}")
    if settings.EVENTOS_TRANSPORTE in consumidor.transportes:
        CONSUMIDORES[consumidor.nombre] = consumidor
    return consumidor


def suscripciones_de(tipo: str) -> list[str]:
    """Names of the consumers that want events of ``tipo``."""
    return [c.nombre for c in CONSUMIDORES.values() if c.quiere(tipo)]


def procesar(consumidor: Consumidor, sobres: Sequence[Sobre]) -> int:
    """Apply a batch inside the caller's transaction; returns how many were new.

    The events already in the inbox, or purged after everybody had them, are left out. Raises
    IntegrityError when another process applies one of them at the same time: roll back and try
    again.
    """
    ids = [sobre.id for sobre in sobres]
    with transaction.atomic():
        recibidos = EventoProcesado.objects.filter(
            suscripcion=consumidor.nombre, evento_id__in=ids
        ).values_list("evento_id", flat=True)
        purgados = EventoPurgado.objects.filter(evento_id__in=ids)
        vistos = set(recibidos.union(purgados.values_list("evento_id", flat=True)))
        nuevos = []
        for sobre in sobres:
            if sobre.id not in vistos:
                vistos.add(sobre.id)
                nuevos.append(sobre)
        if nuevos:
            EventoProcesado.objects.bulk_create(
                [EventoProcesado(suscripcion=consumidor.nombre, evento_id=s.id) for s in nuevos]
            )
            lote = lotes.labels(consumidor.nombre)
            hilos = {s.sujeto: hilo for s in nuevos if (hilo := s.hilo)}
            with siguiendo(hilos, consumidor=consumidor.nombre), lote.time():
                consumidor.manejar(nuevos)
                _decir(nuevos)
    return len(nuevos)


def _decir(sobres: Sequence[Sobre]) -> None:
    """In the log, where it is one that follows each event."""
    if rastro.isEnabledFor(logging.INFO):
        for sobre in sobres:
            dicho = {"evento": sobre.id, "peticion": sobre.hilo or "-"}
            rastro.info("recibido %s %s", sobre.tipo, sobre.sujeto, extra=dicho)
