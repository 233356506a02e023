"""Reads of webhooks: whose they are."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from outbox.models import Webhook
from outbox.webhooks.errores import WebhookDesconocido


def webhooks_de(titular: str, afiliado: str) -> QuerySet[Webhook, Any]:
    """Those of a holder or, with one, of an affiliate (its public id)."""
    return Webhook.objects.filter(titular="" if afiliado else titular, afiliado=afiliado)


def webhook_de(titular: str, afiliado: str, id_publico: str) -> Webhook:
    """One of a holder's; raises :class:`WebhookDesconocido` for any other."""
    uno = webhooks_de(titular, afiliado).filter(id_publico=id_publico).first()
    if uno is None:
        raise WebhookDesconocido()
    return uno
