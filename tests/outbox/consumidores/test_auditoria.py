"""``events.jsonl``: every event once, whatever happens to the process or to the file."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from outbox.consumidores.auditoria import AUDITORIA
from outbox.consumo import procesar
from outbox.entrega import sobre_de
from outbox.models import EntregaPendiente, OutboxEvent, PosicionArchivo
from outbox.transportes.embebido import drenar
from tests.outbox.probeta import emitir

pytestmark = pytest.mark.django_db


@pytest.fixture
def archivo(settings: Any) -> Path:
    ruta: Path = settings.AUDITORIA_ARCHIVO
    return ruta


def lineas(archivo: Path) -> list[str]:
    """Subject and name of each line."""
    documentos = [json.loads(linea) for linea in archivo.read_text().splitlines()]
    return [d["data"]["motivo"] for d in documentos]


def test_cada_evento_una_vez(archivo: Path) -> None:
    """A line is the exact document, and the position counts bytes, not characters."""
    filas = [emitir("af_1", f"é{n}") for n in range(5)]
    drenar([AUDITORIA])
    assert archivo.read_text() == "".join(f.payload + "\n" for f in filas)
    assert PosicionArchivo.objects.get().bytes == archivo.stat().st_size
    assert archivo.stat().st_mode & 0o007 == 0
    emitir("af_1", "seis")
    drenar([AUDITORIA])
    assert len(lineas(archivo)) == 6


def test_caida_entre_el_archivo_y_la_confirmacion(archivo: Path) -> None:
    """The lines are in the file but the transaction was lost: no duplicate after the retry."""
    emitir("af_1", "a")
    drenar([AUDITORIA])
    emitir("af_1", "b")
    emitir("af_1", "c")
    sobres = [sobre_de(e) for e in EntregaPendiente.objects.order_by("id")]
    with transaction.atomic():
        procesar(AUDITORIA, sobres)
        assert lineas(archivo) == ["a", "b", "c"]
        transaction.set_rollback(True)
    assert lineas(archivo) == ["a", "b", "c"]
    drenar([AUDITORIA])
    assert lineas(archivo) == ["a", "b", "c"]


def test_caida_a_mitad_de_linea(archivo: Path) -> None:
    """Half a line that a power cut left is cut away, not glued to the next one."""
    emitir("af_1", "a")
    drenar([AUDITORIA])
    with archivo.open("ab") as salida:
        salida.write(b'{"specversion":"1.0","id":"01' + b"0" * 5_000)
    emitir("af_1", "b")
    drenar([AUDITORIA])
    assert lineas(archivo) == ["a", "b"]


def test_esta_en_el_disco_antes_de_darse_por_hecho(
    archivo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database must not say that a line is there which a power cut can still take."""
    seguros: list[tuple[bytes, int]] = []

    def fsync(descriptor: int) -> None:
        dicho = os.pread(descriptor, 9_999, 0)
        seguros.append((dicho, PosicionArchivo.objects.get().bytes))

    monkeypatch.setattr(os, "fsync", fsync)
    emitir("af_1", "a")
    drenar([AUDITORIA])
    assert seguros == [(archivo.read_bytes(), 0)]
    assert PosicionArchivo.objects.get().bytes == archivo.stat().st_size > 0


@pytest.mark.parametrize("queda", [0, None])
def test_archivo_borrado_o_vaciado(archivo: Path, queda: int | None) -> None:
    """Somebody rotated it: what comes goes into a new one, with no hole of zeros before it."""
    emitir("af_1", "a")
    drenar([AUDITORIA])
    if queda is None:
        archivo.unlink()
    else:
        archivo.write_bytes(b"")
    emitir("af_1", "b")
    drenar([AUDITORIA])
    assert lineas(archivo) == ["b"]
    emitir("af_1", "c")
    drenar([AUDITORIA])
    assert lineas(archivo) == ["b", "c"]


def test_disco_que_no_escribe(settings: Any, archivo: Path) -> None:
    """The delivery stays and is tried again when the disk is back."""
    emitir("af_1", "a")
    settings.AUDITORIA_ARCHIVO = archivo.parent / "no" / "existe.jsonl"
    drenar([AUDITORIA])
    entrega = EntregaPendiente.objects.get(suscripcion="auditoria")
    assert entrega.ultimo_error.startswith("FileNotFoundError")
    settings.AUDITORIA_ARCHIVO = archivo
    EntregaPendiente.objects.update(no_antes_de=None)
    drenar([AUDITORIA])
    assert lineas(archivo) == ["a"]
    assert OutboxEvent.objects.count() == 1
