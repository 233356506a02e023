"""The archive: events that were purged, as files.

A folder for each day (UTC) in which events were written has parts, gzip of a JSON object in each
line, and a manifest that says of each part how many events it has and its SHA-256. A file is
written beside its place, synchronised and moved there, so what is there is whole; a part is there
before its manifest names it. An event may be in two parts, when who purged died in between: it is
told once. What a part says changes only when somebody is erased: another takes its place.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

from django.conf import settings

from alpespartner.comun import privado
from outbox.errores import ArchivoAlterado
from outbox.models import OutboxEvent

_MANIFIESTO = "manifiesto.json"
_POR_CONSULTA = 5_000


@dataclass(frozen=True, slots=True)
class Archivado:
    """An event of the archive or of the table: who reads both need not know which."""

    posicion: int
    evento_id: str
    tipo: str
    sujeto: str
    texto: str


def archivar(eventos: Sequence[OutboxEvent]) -> None:
    """Write some events, in order of their position, to the days in which they were written.

    Raises OSError when there is no room: nothing may be deleted then.
    """
    por_dia: dict[str, list[OutboxEvent]] = defaultdict(list)
    for evento in eventos:
        por_dia[f"{evento.created_at.astimezone(UTC):%Y-%m-%d}"].append(evento)
    with _turno():
        for dia, suyos in sorted(por_dia.items()):
            _escribir_dia(_raiz() / dia, suyos)


def _raiz() -> Path:
    raiz: Path = settings.ARCHIVO_DIR
    return raiz


@contextmanager
def _turno() -> Iterator[None]:
    """Two purges at once would each write a manifest without the other's part."""
    privado.carpeta(_raiz())
    with open(_raiz() / ".turno", "w", opener=privado.abridor) as turno:
        fcntl.flock(turno, fcntl.LOCK_EX)
        yield


def _escribir_dia(carpeta: Path, eventos: Sequence[OutboxEvent]) -> None:
    privado.carpeta(carpeta)
    lineas = b"".join(_linea(evento) for evento in eventos)
    # Without the time: the same events are the same bytes.
    contenido = gzip.compress(lineas, 6, mtime=0)
    nombre = f"{eventos[0].posicion:012}-{eventos[-1].posicion:012}.jsonl.gz"
    privado.escribir(carpeta / nombre, contenido)
    partes = _partes(carpeta)
    partes[nombre] = _anotada(len(eventos), contenido)
    _poner_manifiesto(carpeta, partes)


def _anotada(eventos: int, contenido: bytes) -> dict[str, Any]:
    return {"eventos": eventos, "sha256": hashlib.sha256(contenido).hexdigest()}


def _poner_manifiesto(carpeta: Path, partes: dict[str, dict[str, Any]]) -> None:
    manifiesto = json.dumps({"dia": carpeta.name, "partes": dict(sorted(partes.items()))}, indent=1)
    privado.escribir(carpeta / _MANIFIESTO, manifiesto.encode())


def _linea(evento: OutboxEvent) -> bytes:
    return _escrita(
        {
            "posicion": evento.posicion,
            "id": evento.evento_id,
            "aggregatetype": evento.aggregatetype,
            "aggregateid": evento.aggregateid,
            "type": evento.type,
            "aggregate_version": evento.aggregate_version,
            "created_at": evento.created_at.astimezone(UTC).isoformat(),
            "payload": evento.payload,
        }
    )


def _escrita(dicho: dict[str, Any]) -> bytes:
    return json.dumps(dicho, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _partes(carpeta: Path) -> dict[str, dict[str, Any]]:
    ruta = carpeta / _MANIFIESTO
    if not ruta.exists():
        return {}
    try:
        partes: dict[str, dict[str, Any]] = json.loads(ruta.read_bytes())["partes"]
    except (ValueError, KeyError, TypeError) as exc:
        raise ArchivoAlterado(f"{carpeta.name}/{_MANIFIESTO}") from exc
    return partes


def dias() -> list[Path]:
    """The folders of the archive, by day."""
    return sorted(_raiz().glob("[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"))


def alteradas() -> Iterator[str]:
    """Parts that are not what their manifest says, or are not there."""
    for carpeta in dias():
        try:
            for nombre, parte in _partes(carpeta).items():
                ruta = carpeta / nombre
                if not ruta.exists():
                    yield f"{carpeta.name}/{nombre}: no está"
                elif hashlib.sha256(ruta.read_bytes()).hexdigest() != parte["sha256"]:
                    yield f"{carpeta.name}/{nombre}: no es la de su manifiesto"
        except ArchivoAlterado as exc:
            yield f"{exc}: no se puede leer"


def archivados() -> Iterator[Archivado]:
    """The events of the archive, day by day and in each in their order, each once.

    Raises :class:`ArchivoAlterado` at the first part that is not what its manifest says.
    """
    for carpeta in dias():
        suyos: dict[str, Archivado] = {}
        for nombre, parte in _partes(carpeta).items():
            for uno in _de_parte(carpeta / nombre, parte["sha256"]):
                suyos.setdefault(uno.evento_id, uno)
        # One that is in two parts was written in one day: other days have others.
        yield from sorted(suyos.values(), key=lambda uno: uno.posicion)


def _de_parte(ruta: Path, huella: str) -> Iterable[Archivado]:
    for linea in _lineas(ruta, huella):
        dicho = json.loads(linea)
        yield Archivado(
            dicho["posicion"], dicho["id"], dicho["type"], dicho["aggregateid"], dicho["payload"]
        )


def _lineas(ruta: Path, huella: str) -> list[bytes]:
    contenido = ruta.read_bytes() if ruta.exists() else b""
    if hashlib.sha256(contenido).hexdigest() != huella:
        raise ArchivoAlterado(f"{ruta.parent.name}/{ruta.name}")
    return gzip.decompress(contenido).splitlines(keepends=True)


def reescribir(tras: int, cambiar: Callable[[dict[str, Any]], bool]) -> tuple[int | None, int]:
    """Have the events of the next part after that which begins at the position ``tras`` changed:
    ``cambiar`` gets each as it was written and says whether it changed it. Returns where that part
    begins (None: there is none) and how many events changed.

    Raises :class:`ArchivoAlterado` of a part that is not what its manifest says.
    """
    if not _raiz().exists():
        return None, 0
    with _turno():
        quedan = [
            (primera, carpeta, nombre)
            for carpeta in dias()
            for nombre in _partes(carpeta)
            if (primera := int(nombre.partition("-")[0])) > tras
        ]
        if not quedan:
            return None, 0
        # More than one when who purged died in between.
        cual = min(quedan)[0]
        suyas = [(carpeta, nombre) for primera, carpeta, nombre in quedan if primera == cual]
        return cual, sum(_reescribir(carpeta, nombre, cambiar) for carpeta, nombre in suyas)


def _reescribir(carpeta: Path, nombre: str, cambiar: Callable[[dict[str, Any]], bool]) -> int:
    partes = _partes(carpeta)
    lineas, cambiadas = _lineas(carpeta / nombre, partes[nombre]["sha256"]), 0
    for n, linea in enumerate(lineas):
        dicho = json.loads(linea)
        if cambiar(dicho):
            lineas[n], cambiadas = _escrita(dicho), cambiadas + 1
    if cambiadas:
        contenido = gzip.compress(b"".join(lineas), 6, mtime=0)
        anotada = _anotada(len(lineas), contenido)
        # With a name of its own: the manifest tells of one or of the other.
        nueva = f"{nombre.partition('.')[0]}.{anotada['sha256'][:12]}.jsonl.gz"
        privado.escribir(carpeta / nueva, contenido)
        del partes[nombre]
        partes[nueva] = anotada
        _poner_manifiesto(carpeta, partes)
    _quitar_sobrantes(carpeta, partes)
    return cambiadas


def _quitar_sobrantes(carpeta: Path, partes: dict[str, dict[str, Any]]) -> None:
    """What no manifest names: parts that another took the place of, and what is left of who died
    before naming them, whose events are still in the table."""
    for ruta in carpeta.iterdir():
        if ruta.name != _MANIFIESTO and ruta.name not in partes:
            ruta.unlink()


def todos() -> Iterator[Archivado]:
    """Every event that there is a copy of: those of the table, and then those of the archive. One
    that is purged meanwhile may come twice and is not missed."""
    tras = 0
    while True:
        filas = OutboxEvent.objects.filter(posicion__gt=tras).order_by("posicion")
        porcion = list(
            filas.values_list("posicion", "evento_id", "type", "aggregateid", "payload")[
                :_POR_CONSULTA
            ]
        )
        if not porcion:
            break
        for fila in porcion:
            yield Archivado(*fila)
        tras = porcion[-1][0]
    yield from archivados()
