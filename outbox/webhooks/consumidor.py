"""Consumer ``webhooks``: writes, with its inbox, a delivery for each webhook that an event is for.

Sending is a task's (``envio.py``): a receiver that does not answer holds no event.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from outbox.consumo import Consumidor, Sobre, registrar
from outbox.models import ClaseWebhook, EntregaWebhook, EstadoWebhook, Webhook
from outbox.webhooks import postbacks
from outbox.webhooks.duenos import afiliados_de, quiere
from outbox.webhooks.services import anunciar

_POR_SENTENCIA = 500


def _apuntar(sobres: Sequence[Sobre]) -> None:
    _apuntar_webhooks(sobres)
    postbacks.apuntar(sobres)


def _apuntar_webhooks(sobres: Sequence[Sobre]) -> None:
    activos = Webhook.objects.filter(clase=ClaseWebhook.WEBHOOK, estado=EstadoWebhook.ACTIVO)
    de_quien: dict[str, str] = {}
    if activos.exclude(afiliado="").exists():
        de_quien = afiliados_de(sobres)
    # Of the affiliates, only those that these events are of.
    suyos = activos.filter(afiliado__in={"", *de_quien.values()})
    candidatos = [
        pk
        for pk, tipos in suyos.order_by("pk").values_list("pk", "tipos")
        if any(quiere(tipos, sobre.tipo) for sobre in sobres)
    ]
    if not candidatos:
        return
    # As they are now, and until the end: none is turned off meanwhile, nor are its deliveries
    # taken before its time says that there are.
    bloqueados = Webhook.objects.select_for_update().filter(pk__in=candidatos).order_by("pk")
    webhooks = [w for w in bloqueados if w.estado == EstadoWebhook.ACTIVO]
    ahora = timezone.now()
    entregas = [
        EntregaWebhook(
            webhook=webhook, evento_id=sobre.id, tipo=sobre.tipo, objeto=sobre.sujeto,
            toca_en=ahora, creada_en=ahora,
        )
        for sobre in sobres
        for webhook in webhooks
        if quiere(webhook.tipos, sobre.tipo)
        and webhook.afiliado in ("", de_quien.get(sobre.id))
    ]  # fmt: skip
    if not entregas:
        return
    EntregaWebhook.objects.bulk_create(entregas, batch_size=_POR_SENTENCIA)
    anunciar({entrega.webhook_id for entrega in entregas})


WEBHOOKS = registrar(Consumidor("webhooks", frozenset(), _apuntar, exclusivo=True))
