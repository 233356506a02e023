"""Consumer ``auditoria``: appends every event once to ``data/events.jsonl``.

A file has no transactions, so the database keeps how many bytes of it are committed: what a crash
left beyond is cut before the next line is written.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence

from django.conf import settings

from outbox.consumo import Consumidor, Sobre, registrar
from outbox.models import PosicionArchivo

log = logging.getLogger(__name__)


def _anotar(sobres: Sequence[Sobre]) -> None:
    for sobre in sobres:
        if not sobre.texto.startswith("{") or "\n" in sobre.texto:
            # No service wrote it, and the file has a document a line: it is parked.
            raise ValueError("el evento no es un documento de una línea")
    archivo = settings.AUDITORIA_ARCHIVO
    # The row's lock makes this the only writer until the transaction ends.
    PosicionArchivo.objects.get_or_create(nombre=archivo.name)
    posicion = PosicionArchivo.objects.select_for_update().get(nombre=archivo.name)
    lineas = "".join(sobre.texto + "\n" for sobre in sobres).encode()
    descriptor = os.open(archivo, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b") as salida:
        tamano = salida.seek(0, os.SEEK_END)
        inicio = min(posicion.bytes, tamano)
        if tamano < posicion.bytes:
            log.warning("%s es más corto de lo esperado: se continúa desde su final", archivo.name)
        salida.seek(inicio)
        salida.truncate()
        salida.write(lineas)
        salida.flush()
        os.fsync(salida.fileno())
    posicion.bytes = inicio + len(lineas)
    posicion.save(update_fields=["bytes"])


AUDITORIA = registrar(Consumidor("auditoria", frozenset(), _anotar, exclusivo=True))
