"""Reading everything once. What does not answer says so, and the others go on."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from alpespartner.operacion.monitor.partes import PARTES, Datos

# For how long, in seconds, those who look at once share what was read.
_VALE = 2.0


@dataclass(frozen=True, slots=True)
class Lectura:
    """What was read, by part, and of each part that could not be read, why."""

    en: datetime
    transporte: str
    partes: dict[str, Datos]
    fallos: dict[str, str]

    def como_json(self) -> dict[str, Any]:
        """For scripts."""
        return {
            "en": self.en.isoformat(timespec="milliseconds"),
            "transporte": self.transporte,
            "partes": {
                parte: {"error": self.fallos[parte]} if parte in self.fallos else self.partes[parte]
                for parte in PARTES
            },
        }


def leer() -> Lectura:
    """Everything, once."""
    partes: dict[str, Datos] = {}
    fallos: dict[str, str] = {}
    for nombre, parte in PARTES.items():
        try:
            partes[nombre] = parte()
        except Exception as exc:
            # Its name only: what a driver says may hold addresses and users.
            fallos[nombre] = type(exc).__name__
    return Lectura(timezone.now(), settings.EVENTOS_TRANSPORTE, partes, fallos)


class _Reciente:
    def __init__(self) -> None:
        self._candado = threading.Lock()
        self._lectura: Lectura | None = None
        self._hasta = 0.0

    def dar(self) -> Lectura:
        with self._candado:
            if self._lectura is None or time.monotonic() > self._hasta:
                self._lectura = leer()
                self._hasta = time.monotonic() + _VALE
            return self._lectura


_reciente = _Reciente()


def leer_hace_poco() -> Lectura:
    """What was read moments ago, whoever asked: more pages open cost no more reading."""
    return _reciente.dar()
