"""Reading the feed: the events after a position, up to where it goes."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Max

from alpespartner.comun.db.instantanea import instantanea
from alpespartner.comun.listas import claves
from outbox.consumo import Sobre
from outbox.flujo.errores import CursorCaducado
from outbox.flujo.services import marca
from outbox.models import MarcaDelFlujo, OutboxEvent
from outbox.webhooks.duenos import TODOS, afiliados_de, quiere

log = logging.getLogger(__name__)
# Events that one page looks at in vain.
VENTANA = 1_000


@dataclass(frozen=True, slots=True)
class Tanda:
    """Documents of some events, exactly as they are on their topics, and the position after which
    to go on."""

    textos: list[str]
    hasta: int
    hay_mas: bool


def final() -> int:
    """The position after which only what is written from now on comes."""
    return _final(marca())


def _final(actual: MarcaDelFlujo) -> int:
    hasta = max(actual.hasta, actual.purgado)
    posteriores = OutboxEvent.objects.filter(posicion__gt=hasta)
    if connection.vendor == "sqlite":
        return posteriores.aggregate(ultima=Max("posicion"))["ultima"] or hasta
    # What follows the mark without any missing needs no waiting for the next time that it moves.
    siguientes = posteriores.order_by("posicion").values_list("posicion", flat=True)
    for posicion in siguientes[:VENTANA]:
        if posicion != hasta + 1:
            break
        hasta = posicion
    return hasta


def leer(
    desde: int | None, limite: int, *, afiliado: str = "", tipo: str = "", objeto: str = ""
) -> Tanda:
    """Up to ``limite`` events after a position (None: from the first that there is), in their
    order: of a type, of an object, and for an affiliate those that its webhooks would be sent.

    It may give fewer, or none, while there are more: what it looks at in vain is bounded. Raises
    :class:`CursorCaducado` when events after it were purged, or when it is of a later time than the
    database, which was brought back from a copy.
    """
    # In one picture: what a purge takes away meanwhile would be missing without a word.
    with instantanea():
        return _leer(desde, limite, afiliado, tipo, objeto)


def _leer(desde: int | None, limite: int, afiliado: str, tipo: str, objeto: str) -> Tanda:
    actual = marca()
    fin = _final(actual)
    inicio = actual.purgado if desde is None else desde
    if inicio < actual.purgado or inicio > fin:
        raise CursorCaducado()
    consulta = OutboxEvent.objects.order_by("posicion")
    if objeto:
        consulta = consulta.filter(aggregateid=objeto)
    elif tipo:
        consulta = consulta.filter(type=tipo)
    ventana = VENTANA if afiliado or (objeto and tipo) else limite
    siguientes = claves.leer(consulta, ("posicion",), ventana, desde=(inicio,)).claves
    vistas = [posicion for posicion in siguientes if posicion <= fin]
    suyos = _suyos(vistas, tipo or TODOS, afiliado)
    hasta = vistas[-1] if len(vistas) == ventana else fin
    if len(suyos) > limite:
        suyos = suyos[:limite]
        hasta = suyos[-1][0]
    textos = [sobre.texto for _posicion, sobre in suyos if _es_documento(sobre)]
    return Tanda(textos, hasta, hasta < fin)


def _es_documento(sobre: Sobre) -> bool:
    """Whether an event can be told: a row that no service wrote must not spoil its page."""
    try:
        bien = isinstance(sobre.texto, str) and isinstance(json.loads(sobre.texto), dict)
    except (ValueError, RecursionError):
        bien = False
    if not bien:
        log.error("el evento %s no es un documento: no se cuenta en el flujo", sobre.id)
    return bien


def _suyos(posiciones: Sequence[int], tipo: str, afiliado: str) -> list[tuple[int, Sobre]]:
    """Those of some events that somebody is told, in order."""
    filas = OutboxEvent.objects.filter(posicion__in=posiciones).order_by("posicion")
    sobres = [
        (posicion, Sobre(*resto))
        for posicion, *resto in filas.values_list(
            "posicion", "evento_id", "type", "aggregateid", "payload"
        )
        if quiere([tipo], resto[1])
    ]
    if not afiliado:
        return sobres
    de_quien = afiliados_de([sobre for _posicion, sobre in sobres])
    return [(posicion, sobre) for posicion, sobre in sobres if de_quien.get(sobre.id) == afiliado]
