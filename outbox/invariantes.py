"""What holds of events at any moment."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone

from alpespartner.comun.invariantes import TARDE, Comprobacion
from outbox.archivo import alteradas
from outbox.consumo import CONSUMIDORES
from outbox.models import (
    EntregaPendiente,
    EventoAparcado,
    EventoProcesado,
    EventoPurgado,
    OutboxEvent,
    PosicionArchivo,
)
from outbox.selectors import sin_entregar
from outbox.webhooks.invariantes import COMPROBACIONES as DE_WEBHOOKS

_EXIGIDOS: dict[str, Callable[[], QuerySet[Any]]] = {}
_DOS_VECES: dict[str, Callable[[str], bool]] = {}


def exigir_evento(
    tipo: str,
    filas: Callable[[], QuerySet[Any]],
    *,
    dos_veces: Callable[[str], bool] = lambda _id: False,
) -> None:
    """Declare that each of some rows was told by one event of a type in its life, or by two where
    ``dos_veces`` says so of its public id."""
    _EXIGIDOS[tipo], _DOS_VECES[tipo] = filas, dos_veces


def _un_evento_por_hecho() -> Iterator[str]:
    """Facts that happen once in the life of an aggregate were told once, purged or not."""
    exigidos = {"type__in": list(_EXIGIDOS)}
    vivos = OutboxEvent.objects.filter(**exigidos).order_by()
    purgados = EventoPurgado.objects.filter(**exigidos).order_by()
    tambien = purgados.filter(aggregateid=OuterRef("aggregateid"), type=OuterRef("type"))
    sospechosos = {
        hecho
        for filas in (
            vivos.values("aggregateid", "type").annotate(n=Count("pk")).filter(n__gt=1),
            purgados.values("aggregateid", "type").annotate(n=Count("pk")).filter(n__gt=1),
            vivos.filter(Exists(tambien)),
        )
        for hecho in filas.values_list("aggregateid", "type").iterator()
    }
    for aggregateid, tipo in sorted(sospechosos):
        suyo = {"aggregateid": aggregateid, "type": tipo}
        n = vivos.filter(**suyo).count() + purgados.filter(**suyo).count()
        if n == 2 and _DOS_VECES[tipo](aggregateid):
            continue
        yield f"{aggregateid}: {n} × {tipo}"
    for tipo, filas_de in _EXIGIDOS.items():
        sin_contar = filas_de()
        for eventos in (vivos, purgados):
            contados = eventos.filter(type=tipo).values("aggregateid")
            sin_contar = sin_contar.exclude(id_publico__in=contados)
        for uno in sin_contar.iterator():
            yield f"{uno.id_publico}: sin {tipo}"


def _eventos_entregados() -> Iterator[str]:
    """Each event is, for each subscription, handled, waiting or parked."""
    if settings.EVENTOS_TRANSPORTE != "embebido":
        return
    for consumidor in CONSUMIDORES.values():
        for evento in sin_entregar(consumidor).only("evento_id", "type").iterator():
            yield f"{evento.evento_id} {evento.type}: {consumidor.nombre} no lo tiene"


def _archivo_de_auditoria() -> Iterator[str]:
    """The committed part of ``events.jsonl`` holds each handled event once."""
    archivo = settings.AUDITORIA_ARCHIVO
    posicion = PosicionArchivo.objects.filter(nombre=archivo.name).first()
    if posicion is None:
        return
    if not archivo.exists() or archivo.stat().st_size < posicion.bytes:
        yield f"{archivo.name}: faltan líneas (¿se borró el archivo?)"
        return
    veces: Counter[str] = Counter()
    leidos = 0
    with archivo.open("rb") as entrada:
        for linea in entrada:
            if leidos >= posicion.bytes:
                break
            leidos += len(linea)
            try:
                veces[str(json.loads(linea)["id"])] += 1
            except (ValueError, LookupError, TypeError, RecursionError):
                yield f"{archivo.name}: una línea no es un evento: {linea[:80]!r}"
    for evento_id, n in veces.items():
        if n > 1:
            yield f"{evento_id}: {n} veces en {archivo.name}"
    procesados = EventoProcesado.objects.filter(suscripcion="auditoria")
    for filas in (procesados, EventoPurgado.objects.all()):
        for evento_id in filas.values_list("evento_id", flat=True).iterator():
            if evento_id not in veces:
                yield f"{evento_id}: no está en {archivo.name}"


def _entregas_tarde() -> Iterator[str]:
    corte = timezone.now() - TARDE
    for entrega in EntregaPendiente.objects.filter(evento__created_at__lt=corte)[:20]:
        yield f"evento {entrega.evento_id}: {entrega.suscripcion} lo espera desde hace rato"
    for aparcado in EventoAparcado.objects.filter(reencolado_en=None)[:20]:
        yield f"evento {aparcado.evento_id}: {aparcado.suscripcion} lo tiene aparcado"


COMPROBACIONES = (
    Comprobacion("Cada hecho tiene su evento, una vez", _un_evento_por_hecho),
    Comprobacion("Cada evento está entregado, en cola o aparcado", _eventos_entregados),
    Comprobacion("events.jsonl tiene cada evento una vez", _archivo_de_auditoria),
    Comprobacion("El archivo de eventos es el de sus manifiestos", alteradas, a_peticion=True),
    Comprobacion("Ninguna entrega va tarde", _entregas_tarde, aviso=True),
    *DE_WEBHOOKS,
)
