"""The notebook: clicks that were answered and that no database has yet.

Each process writes files of its own, a line with one ``write`` for each click before it is
answered: what the kernel has survives whatever kills the process. A file is kept locked while its
process lives, and is handed over (``.lista``) moments after its first line, once the disk has all
of it: a power cut takes what the last moments brought, and no more. Of one that nobody locks any
more the process is gone, and it is taken as it is.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import secrets
import threading
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from ulid import ULID

from alpespartner.comun import privado

log = logging.getLogger(__name__)
ABIERTA, LISTA, NUEVA = ".abierta", ".lista", ".nueva"
# A file takes lines for this long, in seconds, or up to this many bytes.
VIDA = 0.4
TAMANO = 4_000_000
_SIN_DUENO = 60.0
# How far the clock may be moved between two looks at it.
_CERCA = 5.0
# Whoever takes them in comes twice a second.
_TARDE = 60.0
_ESCRIBIR = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode


class Cuaderno:
    """The open file of a process. Threads write in turns."""

    def __init__(self, carpeta: Path) -> None:
        self._carpeta = carpeta
        self._candado = threading.Lock()
        self._fd: int | None = None
        self._ruta = carpeta
        self._escrito = 0
        self._desde = 0.0

    @property
    def con_algo(self) -> bool:
        """Whether there are lines that were not handed over."""
        return self._fd is not None

    def anotar(self, linea: dict[str, Any]) -> None:
        """Write a click; once this returns it is not lost. Raises OSError."""
        datos = f"{_ESCRIBIR(linea)}\n".encode()
        with self._candado:
            fd = self._fd if self._fd is not None else self._abrir()
            try:
                escritos = os.write(fd, datos)
            except OSError:
                self._descartar_si_vacia(fd)
                raise
            if escritos != len(datos):
                # A full disk takes a part: nobody may take it for a line.
                os.ftruncate(fd, self._escrito)
                self._descartar_si_vacia(fd)
                raise OSError(28, "sin espacio")
            self._escrito += escritos

    def entregar(self, *, ya: bool = False) -> None:
        """Hand the open file over when it had its time, or at once."""
        with self._candado:
            if self._fd is None:
                return
            if not ya and time.monotonic() - self._desde < VIDA and self._escrito < TAMANO:
                return
            fd, ruta, self._fd = self._fd, self._ruta, None
        # Whoever notes down meanwhile opens another one: nobody waits for the disk.
        try:
            os.fdatasync(fd)
            # Its name first: the lock says that it is somebody's until then.
            os.rename(ruta, ruta.with_suffix(LISTA))
        finally:
            os.close(fd)

    def _abrir(self) -> int:
        privado.carpeta(self._carpeta)
        nueva = self._carpeta / f"{time.time_ns():020}-{os.getpid()}-{secrets.token_hex(4)}{NUEVA}"
        fd = os.open(nueva, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(fd, fcntl.LOCK_EX)
        self._ruta = nueva.with_suffix(ABIERTA)
        os.rename(nueva, self._ruta)
        self._fd, self._escrito, self._desde = fd, 0, time.monotonic()
        return fd

    def _descartar_si_vacia(self, fd: int) -> None:
        if not self._escrito:
            self._fd = None
            self._ruta.unlink(missing_ok=True)
            os.close(fd)


def por_recoger(carpeta: Path) -> Iterator[Path]:
    """Files that were handed over, or whose process is gone, the oldest first."""
    if not carpeta.is_dir():
        return
    for ruta in sorted(carpeta.iterdir()):
        if ruta.suffix == LISTA:
            yield ruta
        elif ruta.suffix in (ABIERTA, NUEVA) and _sin_dueno(ruta):
            lista = ruta.with_suffix(LISTA)
            ruta.rename(lista)
            yield lista


def esperan(carpeta: Path) -> Iterator[tuple[Path, float]]:
    """Files that nobody took in yet, with when their last line was written, the oldest first."""
    if not carpeta.is_dir():
        return
    for ruta in sorted(carpeta.iterdir()):
        if ruta.suffix in (ABIERTA, LISTA, NUEVA):
            try:
                escrita = ruta.stat().st_mtime
            except FileNotFoundError:
                continue
            yield ruta, escrita


def atrasadas(carpeta: Path) -> Iterator[tuple[Path, float]]:
    """Those whose last line is older than a minute."""
    limite = time.time() - _TARDE
    return (una for una in esperan(carpeta) if una[1] < limite)


def _sin_dueno(ruta: Path) -> bool:
    try:
        fd = os.open(ruta, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        # One that was just made is not locked yet.
        reciente = time.time() - os.fstat(fd).st_mtime < _SIN_DUENO
        return not (ruta.suffix == NUEVA and reciente) and ruta.exists()
    finally:
        os.close(fd)


def lineas(ruta: Path) -> Iterator[dict[str, Any]]:
    """The clicks of a file. A line that was cut short was never answered."""
    for cruda in ruta.read_bytes().split(b"\n")[:-1]:
        try:
            leida = json.loads(cruda)
        except ValueError:
            leida = None
        if isinstance(leida, dict):
            yield leida
        elif cruda.strip():
            log.error("clics: %s tiene una línea que no se entiende", ruta.name)


def buscar(carpeta: Path, ids: Collection[str]) -> Iterator[dict[str, Any]]:
    """Lines of some clicks that no database has yet, also of files that others are writing. Of the
    files only those are read that may have one: the id of a click says when it was."""
    momentos = [momento for momento in map(_momento_de, ids) if momento is not None]
    if not momentos:
        return
    buscadas = {clic.encode() for clic in ids}
    for ruta, escrita in esperan(carpeta):
        nanos = ruta.name.partition("-")[0]
        abierta = int(nanos) / 1e9 if nanos.isdecimal() else 0.0
        if not any(abierta - _CERCA <= m <= escrita + _CERCA for m in momentos):
            continue
        try:
            crudo = ruta.read_bytes()
            if any(clic in crudo for clic in buscadas):
                yield from (linea for linea in lineas(ruta) if linea.get("i") in ids)
        except FileNotFoundError:
            # It was handed over, or taken in, meanwhile.
            continue


def _momento_de(clic: str) -> float | None:
    """When the id of a click was made, in seconds; None for what is none."""
    try:
        return ULID.from_str(clic.partition("_")[2]).timestamp
    except ValueError:
        return None
