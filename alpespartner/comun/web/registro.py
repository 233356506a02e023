"""Log lines: what a stranger or a full disk causes is one line each, not a traceback."""

from __future__ import annotations

import logging

from alpespartner.comun.db.escritura import no_escribe
from alpespartner.comun.peticion import id_de_peticion


class SinTraza(logging.Filter):
    """Drops the traceback of what needs none."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true: it only shortens."""
        exc = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if record.name.startswith("django.security"):
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            record.exc_info = record.exc_text = None
        elif no_escribe(exc):
            record.msg, record.args = f"{record.getMessage()} ({exc})", None
            record.exc_info = record.exc_text = None
        return True


class ConPeticion(logging.Filter):
    """Adds to each line the id of the request that is being answered, ``-`` outside of any."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true: it only adds."""
        record.peticion = id_de_peticion() or "-"
        return True
