"""Publishing events: rows of the outbox, in the transaction of the change that they tell."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from alpespartner.comun.db.claves import poner_claves
from alpespartner.comun.db.insercion import insertar_todas
from alpespartner.comun.db.remesa import Remesa
from alpespartner.comun.identificadores import nuevo_uuid7
from alpespartner.comun.peticion import HILO, correlacion
from outbox.consumo import suscripciones_de
from outbox.errores import EventoDemasiadoGrande, EventoNoDeclarado, FueraDeTransaccion
from outbox.models import EntregaPendiente, OutboxEvent
from outbox.registro import datos_de, instante, tipo_de

rastro = logging.getLogger("rastro")
_POR_SENTENCIA = 500
# Pseudo-subscription of ``publicar_outbox``, the path without Debezium.
PUBLICADOR = "publicador"


def _fila(instancia: Any, version: int) -> OutboxEvent:
    tipo = tipo_de(instancia)
    if tipo is None:
        raise EventoNoDeclarado(type(instancia).__name__)
    ahora = timezone.now()
    evento_id = nuevo_uuid7()
    datos = datos_de(instancia)
    sujeto = datos[tipo.sujeto]
    # CloudEvents 1.0, JSON format.
    documento = {
        "specversion": "1.0",
        "id": evento_id,
        "source": f"/alpespartner/{tipo.contexto}",
        "type": tipo.nombre,
        "subject": sujeto,
        "time": instante(ahora),
        "datacontenttype": "application/json",
        "dataschema": f"/alpespartner/esquemas/{tipo.nombre}/{tipo.esquema}",
    }
    # An extension attribute: whoever does not know it goes past it.
    if hilo := correlacion((sujeto, *_nombrados(datos))):
        documento[HILO] = hilo
    documento["data"] = datos
    payload = json.dumps(documento, ensure_ascii=False, separators=(",", ":"))
    if len(payload.encode()) > settings.EVENTO_MAX_BYTES:
        raise EventoDemasiadoGrande(f"{tipo.nombre} {sujeto}: {len(payload)} caracteres")
    return OutboxEvent(
        evento_id=evento_id,
        aggregatetype=tipo.contexto,
        aggregateid=sujeto,
        type=tipo.nombre,
        aggregate_version=version,
        payload=payload,
        created_at=ahora,
    )


def _nombrados(datos: dict[str, Any]) -> Iterator[str]:
    """The objects that an event says that it is about, besides its own."""
    for campo, valor in datos.items():
        if campo.endswith("_id") and isinstance(valor, str):
            yield valor


def publicar(instancia: Any, *, version: int) -> OutboxEvent:
    """Write one event; see :func:`publicar_todos`."""
    return publicar_todos([(instancia, version)])[0]


def publicar_todos(eventos: Iterable[tuple[Any, int]]) -> list[OutboxEvent]:
    """Write events, each with its aggregate's version, in order.

    Raises what :func:`preparar` and :func:`publicar_filas` raise.
    """
    return publicar_filas(preparar(eventos))


def preparar(eventos: Iterable[tuple[Any, int]]) -> list[OutboxEvent]:
    """Rows of events, for whoever makes them before its transaction.

    Raises :class:`EventoNoDeclarado` for a type that no app declared and
    :class:`EventoDemasiadoGrande` over ``EVENTO_MAX_BYTES``.
    """
    return [_fila(instancia, version) for instancia, version in eventos]


def publicar_filas(filas: list[OutboxEvent]) -> list[OutboxEvent]:
    """Write the rows of events in order; :class:`FueraDeTransaccion` outside ``atomic()``."""
    if not connection.in_atomic_block:
        raise FueraDeTransaccion("publicar() fuera de una transacción")
    if len(filas) == 1:
        filas[0].save()
    else:
        insertar_todas(filas)
    _decir(filas)
    if settings.EVENTOS_TRANSPORTE != "pulsar":
        poner_claves(filas, unico="evento_id")
        EntregaPendiente.objects.bulk_create(
            [entrega for fila in filas for entrega in _entregas(fila)], batch_size=_POR_SENTENCIA
        )
    return filas


def publicar_en(remesa: Remesa, filas: list[OutboxEvent]) -> None:
    """:func:`publicar_filas` of a few, with what else a service sends."""
    if not connection.in_atomic_block:
        raise FueraDeTransaccion("publicar_en() fuera de una transacción")
    _decir(filas)
    if settings.EVENTOS_TRANSPORTE == "pulsar":
        remesa.insertar(*filas)
        return
    for fila in filas:
        remesa.insertar(fila)
        remesa.insertar(*_entregas(fila))


def _decir(filas: list[OutboxEvent]) -> None:
    """In the log, where it is one that follows each event."""
    if rastro.isEnabledFor(logging.INFO):
        for fila in filas:
            # Its own: of what a run of events does, each goes on with that of its object.
            hilo = json.loads(fila.payload).get(HILO, "-")
            dicho = {"evento": fila.evento_id, "peticion": hilo}
            rastro.info("publicado %s %s", fila.type, fila.aggregateid, extra=dicho)


def _entregas(fila: OutboxEvent) -> list[EntregaPendiente]:
    return [
        EntregaPendiente(suscripcion=suscripcion, evento=fila)
        for suscripcion in _destinos(fila.type)
    ]


def _destinos(tipo: str) -> list[str]:
    """Who waits for an event: each consumer, or whoever publishes rows by hand."""
    if settings.EVENTOS_TRANSPORTE == "manual":
        return [PUBLICADOR]
    return suscripciones_de(tipo)
