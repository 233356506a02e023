"""Files of the data folder, for nobody but the user that runs the site. It knows no Django: the
settings use it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

_AJENO = 0o077
# What the site keeps there; somebody else's files in the same folder are not ours to close.
_PROPIOS = (
    "*.sqlite3*",
    "events.jsonl",
    "*-turno",
    "pagos",
    "correo",
    "clics",
    "archivo",
    "archivo/**/*",
    "pagos/**/*",
    "correo/**/*",
    "clics/*",
)


def abridor(ruta: str | os.PathLike[str], banderas: int) -> int:
    """Opener for :func:`open`: what it makes is 0600."""
    return os.open(ruta, banderas, 0o600)


def carpeta(ruta: Path) -> None:
    """Make a folder, and those above it that are missing, each 0700."""
    if not ruta.is_dir():
        carpeta(ruta.parent)
        ruta.mkdir(mode=0o700, exist_ok=True)


def escribir(ruta: Path, contenido: bytes) -> None:
    """A file in a folder that is there, whole or not at all, also after a cut of the power.

    Raises OSError when the disk says no.
    """
    temporal = ruta.with_name(f".{ruta.name}.{os.getpid()}.tmp")
    with open(temporal, "wb", opener=abridor) as salida:
        salida.write(contenido)
        salida.flush()
        os.fsync(salida.fileno())
    temporal.replace(ruta)
    suya = os.open(ruta.parent, os.O_RDONLY)
    try:
        # The name must survive it, too.
        os.fsync(suya)
    finally:
        os.close(suya)


def preparar(raiz: Path) -> None:
    """Make the data folder, or close one that others may enter with what it has of ours.

    Raises OSError when it cannot be made or written.
    """
    carpeta(raiz)
    datos = raiz.stat()
    # A shared folder such as /tmp stays as it is.
    if datos.st_mode & _AJENO and not datos.st_mode & stat.S_ISVTX:
        _cerrar(raiz)
        for patron in _PROPIOS:
            for ruta in raiz.glob(patron):
                _cerrar(ruta)
    for ruta in (raiz, *raiz.glob("*.sqlite3*"), *raiz.glob("events.jsonl")):
        if not os.access(ruta, os.W_OK):
            raise PermissionError(f"no se puede escribir en {ruta}")


def _cerrar(ruta: Path) -> None:
    datos = ruta.lstat()
    suyo = datos.st_uid == os.geteuid() or os.geteuid() == 0
    if suyo and datos.st_mode & _AJENO and not stat.S_ISLNK(datos.st_mode):
        ruta.chmod(stat.S_IMODE(datos.st_mode) & ~_AJENO)
