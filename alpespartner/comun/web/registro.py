"""Log lines: what a stranger or a full disk causes is one line each, not a traceback."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from alpespartner.comun.db.escritura import no_escribe
from alpespartner.comun.peticion import ademas, id_de_peticion

# What a line says besides its message, where whoever wrote it knew it.
_CAMPOS = ("peticion", "evento", "consumidor", "tarea", "tarea_id", "vista", "estado", "ms")


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
    """Adds to each line the id of the request that it belongs to, ``-`` outside of any, and the
    task or consumer at work."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true: it only adds."""
        dicho = {"peticion": id_de_peticion() or "-", **ademas()}
        for campo, valor in dicho.items():
            if not hasattr(record, campo):
                setattr(record, campo, valor)
        return True


class FormatoJSON(logging.Formatter):
    """A line is a JSON document, for whoever gathers them."""

    def format(self, record: logging.LogRecord) -> str:
        """The document: when, how grave, who says what, and of which request, event and task."""
        documento = {
            "hora": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "nivel": record.levelname,
            "origen": record.name,
            "mensaje": record.getMessage(),
        }
        documento |= {
            campo: valor for campo in _CAMPOS if (valor := getattr(record, campo, "-")) != "-"
        }
        if record.exc_info:
            documento["traza"] = self.formatException(record.exc_info)
        return json.dumps(documento, ensure_ascii=False, default=str)
