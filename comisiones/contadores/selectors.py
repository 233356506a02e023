"""Reading the counters: how many rows a list has, and what they add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Exists
from django.utils import timezone

from alpespartner.comun.listas.contadores import Celda, registrar, registrar_atraso
from comisiones.contadores.consumidor import CONTADORES
from comisiones.contadores.libro import TABLAS
from comisiones.contadores.models import Contador, Recuento
from comisiones.contadores.tablas import CORTES, SIEMPRE, Tabla, en_unidades
from outbox.models import EntregaPendiente, EventoAparcado, OutboxEvent

# A counter is read for so many campaigns or affiliates at once.
_QUIENES = 50
# Later than this, whoever reads a number is told.
TARDE = timedelta(seconds=5)
_DE_CADA = {"estado", "moneda"}
_POR_COLUMNA = {f"{corte}_id": corte for corte in CORTES}


def celdas(tabla: Tabla, conjuntos: Sequence[Mapping[str, Any]]) -> list[Celda] | None:
    """Counters of the rows of some sets, each with the value of some columns; None when there are
    no counters by those columns. While they are being made anew there are no rows."""
    columnas = {frozenset(conjunto) for conjunto in conjuntos}
    if len(columnas) > 1 or len(conjuntos) > _QUIENES:
        return None
    propias = {columna for una in columnas for columna in una} - _DE_CADA
    if len(propias) > 1 or not propias <= _POR_COLUMNA.keys():
        return None
    corte, quienes = "", {0}
    for columna in propias:
        corte, quienes = _POR_COLUMNA[columna], {c[columna] for c in conjuntos}
    a_medias = Recuento.objects.filter(de=tabla.nombre, rehecho_hasta__isnull=False)
    filas = Contador.objects.filter(
        ~Exists(a_medias), de=tabla.nombre, corte=corte, quien__in=quienes, mes=SIEMPRE
    ).values_list("quien", "estado", "moneda", "cuantas", "importe")
    return [
        Celda(estado, moneda, cuantas, en_unidades(importe))
        for quien, estado, moneda, cuantas, importe in filas
        if any(_es_de(conjunto, corte, quien, estado, moneda) for conjunto in conjuntos)
    ]


def _es_de(conjunto: Mapping[str, Any], corte: str, quien: int, estado: str, moneda: str) -> bool:
    suyo = {"estado": estado, "moneda": moneda, f"{corte}_id": quien}
    return all(suyo[columna] == valor for columna, valor in conjunto.items())


def atrasados_desde() -> datetime | None:
    """When the oldest event that the counters lack was written, if it is late; None when they are
    up to date, but for the last seconds."""
    suyos = {"suscripcion": CONTADORES.nombre}
    esperan = [
        EntregaPendiente.objects.filter(**suyos).order_by("evento_id")
        .values_list("evento__created_at", flat=True).first(),
        EventoAparcado.objects.filter(**suyos, reencolado_en=None, evento__isnull=False)
        .order_by("pk").values_list("evento__created_at", flat=True).first(),
    ]  # fmt: skip
    if settings.EVENTOS_TRANSPORTE != "embebido":
        hasta = dict(Recuento.objects.values_list("de", "hasta"))
        esperan += [_siguiente(tabla, hasta.get(tabla.nombre, 0)) for tabla in TABLAS]
    desde = min((cuando for cuando in esperan if cuando is not None), default=None)
    return desde if desde is not None and timezone.now() - desde > TARDE else None


def _siguiente(tabla: Tabla, hasta: int) -> datetime | None:
    """When the first event of a table's rows after a position was written."""
    nombre, tipos = connection.ops.quote_name, sorted(tabla.tipos())
    una = (
        f"SELECT {nombre('posicion')} AS p FROM {nombre(OutboxEvent._meta.db_table)}"  # noqa: S608
        f" WHERE {nombre('type')} = %s AND {nombre('posicion')} > %s ORDER BY p LIMIT 1"
    )
    # One probe of the index for each type.
    juntas = " UNION ALL ".join(f"SELECT p FROM ({una}) r" for _tipo in tipos)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT MIN(p) FROM ({juntas}) t",  # noqa: S608
            [valor for tipo in tipos for valor in (tipo, hasta)],
        )
        [primera] = cursor.fetchone()
    if primera is None:
        return None
    eventos = OutboxEvent.objects.filter(pk=primera)
    return eventos.values_list("created_at", flat=True).first()


def registrar_contadores() -> None:
    """Let the lists of what is counted show true numbers."""
    for tabla in TABLAS:
        if tabla.listada:
            registrar(tabla.modelo, partial(celdas, tabla))
    registrar_atraso(atrasados_desde)
