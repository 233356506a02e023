"""States of a webhook and the steps between them."""

from __future__ import annotations

from alpespartner.comun.estados import Maquina
from outbox.models import EstadoWebhook

WEBHOOK = Maquina(
    "webhook",
    {
        EstadoWebhook.ACTIVO: frozenset({EstadoWebhook.DESACTIVADO}),
        EstadoWebhook.DESACTIVADO: frozenset({EstadoWebhook.ACTIVO}),
    },
)
