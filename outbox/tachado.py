"""Crossing somebody who was erased out of events that are already written: in the rows of the
outbox, sent or not, in ``events.jsonl`` and in the archive.

Only free text changes (``registro.TEXTO_LIBRE``), and the end of an account goes. Rows are not sent
again: Debezium skips what changes, and whoever got one before is told by ``AfiliadoBorrado`` or
``ClienteBorrado``.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Collection
from typing import Any, BinaryIO

from django.conf import settings

from alpespartner.comun.personales import TACHADO, Tacha, registrar_eco, todas
from alpespartner.comun.tachado import EsSuyo, registrar_fichero
from outbox.archivo import reescribir
from outbox.models import OutboxEvent, PosicionArchivo
from outbox.registro import SUYO, TEXTO_LIBRE

log = logging.getLogger(__name__)
# Bytes of the file that are gone over in one transaction.
PORCION = 32 << 20
_CON_TEXTO = tuple(f'"{campo}":"'.encode() for campo in sorted(TEXTO_LIBRE | SUYO))


def _documento(payload: str | bytes) -> dict[str, Any] | None:
    """An event as it was written; None of what is none."""
    try:
        leido = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    bueno = isinstance(leido, dict) and isinstance(leido.get("data"), dict)
    return leido if bueno else None


def _escrito(valor: Any) -> bytes:
    """As ``publicacion`` writes it."""
    return json.dumps(valor, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def _tachado(
    payload: str | bytes, tacha: Tacha, *, a_lo_ancho: bool = False
) -> dict[str, Any] | None:
    """An event without who is crossed out of its free text; None when nothing of it changes.
    ``a_lo_ancho``: each text keeps the bytes that it took."""
    documento, cambia = _documento(payload), False
    datos: dict[str, Any] = {} if documento is None else documento["data"]
    for campo in (TEXTO_LIBRE | SUYO) & datos.keys():
        antes = datos[campo]
        if not isinstance(antes, str):
            continue
        despues = TACHADO if campo in SUYO and antes else tacha(antes)
        if despues in (antes, antes.rstrip()):
            continue
        if a_lo_ancho:
            despues += " " * (len(_escrito(antes)) - len(_escrito(despues)))
        datos[campo], cambia = despues, True
    return documento if cambia else None


@registrar_eco
def tachar_eventos(ids: Collection[str], tacha: Tacha) -> int:
    """In the rows of the events of some objects; returns how many changed."""
    tachados = 0
    for evento in todas(OutboxEvent).filter(aggregateid__in=ids).only("payload").iterator():
        if documento := _tachado(evento.payload, tacha):
            payload = _escrito(documento).decode()
            tachados += todas(OutboxEvent).filter(pk=evento.pk).update(payload=payload)
    return tachados


@registrar_fichero
def tachar_fichero(desde: int, es_suyo: EsSuyo, tacha: Tacha) -> tuple[int | None, int]:
    """In a portion of ``events.jsonl``.

    Each line keeps its length and is written over in its place, so that the committed part of the
    file is the same before, after and in the middle of it, also if somebody appends meanwhile.
    """
    archivo = settings.AUDITORIA_ARCHIVO
    posicion = PosicionArchivo.objects.filter(nombre=archivo.name).first()
    if posicion is None or not archivo.exists():
        return None, 0
    tachadas = 0
    with archivo.open("r+b") as papel:
        papel.seek(desde)
        donde = desde
        while donde < min(posicion.bytes, desde + PORCION):
            linea = papel.readline()
            if not linea:
                break
            if any(con in linea for con in _CON_TEXTO):
                tachadas += _en_una_linea(papel, donde, linea, es_suyo, tacha)
            donde += len(linea)
        os.fsync(papel.fileno())
    return (donde if desde < donde < posicion.bytes else None), tachadas


def _en_una_linea(papel: BinaryIO, donde: int, linea: bytes, es_suyo: EsSuyo, tacha: Tacha) -> int:
    documento = _tachado(linea, tacha, a_lo_ancho=True)
    if documento is None or not es_suyo(str(documento.get("subject"))):
        return 0
    nueva = _escrito(documento) + b"\n"
    if len(nueva) != len(linea):
        log.warning("una línea de %s no es de las nuestras: sigue como está", papel.name)
        return 0
    # What differs and no more: a crash in the middle of it leaves a line that is still one.
    distintos = [n for n, (una, otra) in enumerate(zip(linea, nueva, strict=True)) if una != otra]
    primero, ultimo = distintos[0], distintos[-1] + 1
    os.pwrite(papel.fileno(), nueva[primero:ultimo], donde + primero)
    return 1


@registrar_fichero
def tachar_archivo(desde: int, es_suyo: EsSuyo, tacha: Tacha) -> tuple[int | None, int]:
    """In the next part of the archive."""

    def cambiar(evento: dict[str, Any]) -> bool:
        documento = _tachado(evento["payload"], tacha)
        if documento is None or not es_suyo(str(evento["aggregateid"])):
            return False
        evento["payload"] = _escrito(documento).decode()
        return True

    return reescribir(desde, cambiar)
