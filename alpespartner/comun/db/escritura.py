"""Whether what stores the data takes any: a full disk and a read-only one are told as such."""

from __future__ import annotations

import errno
import os
import tempfile

from django.conf import settings
from django.db import DatabaseError

# MySQL: disk full, table full, error from the engine, read-only by an option or a mode.
_MYSQL = frozenset({3, 1021, 1030, 1114, 1290, 1792, 1836})
_SQLITE = ("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_CANTOPEN")
_SISTEMA = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})
# With less the next transactions fail.
_MINIMO = 1_000_000


def no_escribe(exc: BaseException | None) -> bool:
    """Whether an error says that nothing can be stored now, whatever is asked."""
    if isinstance(exc, OSError):
        return exc.errno in _SISTEMA
    if not isinstance(exc, DatabaseError):
        return False
    if exc.args and exc.args[0] in _MYSQL:
        return True
    causa = exc.__cause__
    nombre = getattr(causa, "sqlite_errorname", None) or ""
    return nombre.startswith(_SQLITE) or (isinstance(causa, OSError) and no_escribe(causa))


def estado_del_disco() -> str:
    """``ok``, ``lleno`` or ``solo_lectura``: what the data folder says to a small file.

    Nothing of it stays, and no lock of the database is taken.
    """
    try:
        with tempfile.TemporaryFile(dir=settings.DATOS_DIR) as prueba:
            os.posix_fallocate(prueba.fileno(), 0, _MINIMO)
    except OSError as exc:
        return "lleno" if exc.errno in (errno.ENOSPC, errno.EDQUOT) else "solo_lectura"
    base = settings.DATABASES["default"]
    if base["ENGINE"].endswith("sqlite") and not os.access(base["NAME"], os.W_OK):
        return "solo_lectura"
    return "ok"
