"""Consumer ``notificaciones``: writes the mails, and what digests will tell; tasks send them."""

from __future__ import annotations

from comisiones.notificaciones.services import TIPOS, redactar
from outbox.consumo import Consumidor, registrar

NOTIFICACIONES = registrar(Consumidor("notificaciones", TIPOS, redactar))
