"""Consumer ``notificaciones``: writes the mails; a task sends them."""

from __future__ import annotations

from comisiones.notificaciones.services import TEXTOS, redactar
from outbox.consumo import Consumidor, registrar

NOTIFICACIONES = registrar(Consumidor("notificaciones", frozenset(TEXTOS), redactar))
