"""Reads of webhooks: whose they are."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from outbox.models import ClaseWebhook, Webhook
from outbox.webhooks.errores import PostbackDesconocido, WebhookDesconocido


def webhooks_de(titular: str, afiliado: str) -> QuerySet[Webhook, Any]:
    """Those of a holder or, with one, of an affiliate (its public id)."""
    return Webhook.objects.filter(
        titular="" if afiliado else titular, afiliado=afiliado, clase=ClaseWebhook.WEBHOOK
    )


def webhook_de(titular: str, afiliado: str, id_publico: str) -> Webhook:
    """One of a holder's; raises :class:`WebhookDesconocido` for any other."""
    uno = webhooks_de(titular, afiliado).filter(id_publico=id_publico).first()
    if uno is None:
        raise WebhookDesconocido()
    return uno


def postbacks_visibles(afiliado: str) -> QuerySet[Webhook, Any]:
    """Those of an affiliate (its public id) or, without one, of all."""
    todos = Webhook.objects.filter(clase=ClaseWebhook.POSTBACK)
    return todos.filter(afiliado=afiliado) if afiliado else todos


def postback_de(afiliado: str, id_publico: str) -> Webhook:
    """One of those that are visible; raises :class:`PostbackDesconocido` for any other."""
    uno = postbacks_visibles(afiliado).filter(id_publico=id_publico).first()
    if uno is None:
        raise PostbackDesconocido()
    return uno
