"""Sending on purpose: a test, and again what was sent or was not."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from alpespartner.comun.actores import Actor
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import nuevo_uuid7
from outbox.consumo import Sobre
from outbox.models import (
    ClaseWebhook,
    EntregaWebhook,
    EstadoEntregaWebhook,
    EstadoWebhook,
    OutboxEvent,
    Webhook,
)
from outbox.registro import instante
from outbox.webhooks.duenos import afiliados_de, quiere
from outbox.webhooks.errores import IntervaloInvalido, WebhookDesactivado
from outbox.webhooks.macros import EstadoPostback, muestra
from outbox.webhooks.services import anunciar, bloquear

PRUEBA = "PruebaDeWebhook"
# Events that one request looks at.
MAXIMO = 5_000
_POR_SENTENCIA = 500


def probar(
    *, webhook: Webhook, actor: Actor, estado: str = EstadoPostback.APROBADA
) -> EntregaWebhook:
    """Send an event that tells nothing or, of a postback, an example of a state. Raises
    :class:`WebhookDesactivado`."""
    evento_id = nuevo_uuid7()
    if webhook.clase == ClaseWebhook.POSTBACK:
        cuerpo = json.dumps(muestra(webhook.afiliado, estado))
    else:
        cuerpo = _evento_de_prueba(webhook, evento_id)
    with transaction.atomic():
        actual = _exigir_activo(webhook)
        entrega = EntregaWebhook.objects.create(
            webhook=actual, evento_id=evento_id, tipo=PRUEBA, objeto=actual.id_publico,
            cuerpo=cuerpo,
        )  # fmt: skip
        _anotar(actual, "probar", actor, {"evento": evento_id})
    return entrega


def _evento_de_prueba(webhook: Webhook, evento_id: str) -> str:
    return json.dumps(
        {
            "specversion": "1.0",
            "id": evento_id,
            "source": "/alpespartner/webhooks",
            "type": PRUEBA,
            "subject": webhook.id_publico,
            "time": instante(timezone.now()),
            "datacontenttype": "application/json",
            "data": {"webhook_id": webhook.id_publico},
        },
        separators=(",", ":"),
    )


def repetir(*, webhook: Webhook, desde: datetime, hasta: datetime, actor: Actor) -> int:
    """Send again, in their order, the events between two instants that are for a webhook, also
    those from before it was there; of a postback, what it was told of them. What still waits is
    left as it is. Returns how many.

    Raises :class:`WebhookDesactivado`, and :class:`IntervaloInvalido` when it ends before it begins
    or holds more than ``MAXIMO`` events of any type.
    """
    if desde >= hasta:
        raise IntervaloInvalido(_("«hasta» tiene que ser posterior a «desde»."))
    # The ids are in the order of their time, to the millisecond.
    en_el_intervalo = OutboxEvent.objects.filter(
        evento_id__gte=_id_de(desde), evento_id__lt=_id_de(hasta)
    )
    vistos = list(
        en_el_intervalo.order_by("evento_id").values_list("posicion", "evento_id", "type")[
            : MAXIMO + 1
        ]
    )
    if len(vistos) > MAXIMO:
        raise IntervaloInvalido(
            _("Hay más de %(maximo)s eventos en ese intervalo: pide uno más corto.")
            % {"maximo": MAXIMO}
        )
    with transaction.atomic():
        actual = _exigir_activo(webhook)
        # Of a postback the events are known by what it was told.
        de_todos = actual.clase == ClaseWebhook.POSTBACK
        pedidos = sorted(v for v in vistos if de_todos or quiere(actual.tipos, v[2]))
        n = _otra_vez(actual, [evento_id for _posicion, evento_id, _tipo in pedidos])
        datos = {"desde": instante(desde), "hasta": instante(hasta), "cuantas": n}
        _anotar(actual, "repetir", actor, datos)
    return n


def repetir_una(*, entrega: EntregaWebhook, actor: Actor) -> int:
    """Send the event of a delivery again, unless it still waits; returns how many (1 or 0).

    Raises :class:`WebhookDesactivado`.
    """
    with transaction.atomic():
        actual = _exigir_activo(entrega.webhook)
        n = _otra_vez(actual, [entrega.evento_id])
        _anotar(actual, "repetir", actor, {"evento": entrega.evento_id, "cuantas": n})
    return n


def _exigir_activo(webhook: Webhook) -> Webhook:
    actual = bloquear(webhook)
    if actual.estado != EstadoWebhook.ACTIVO:
        raise WebhookDesactivado()
    return actual


def _otra_vez(webhook: Webhook, evento_ids: list[str]) -> int:
    suyas = EntregaWebhook.objects.filter(webhook=webhook, evento_id__in=evento_ids)
    esperan = set(
        suyas.filter(estado=EstadoEntregaWebhook.PENDIENTE).values_list("evento_id", flat=True)
    )
    veces = dict(
        suyas.order_by().values("evento_id").annotate(ultima=Max("vez")).values_list(
            "evento_id", "ultima"
        )
    )  # fmt: skip
    faltan = [evento_id for evento_id in evento_ids if evento_id not in esperan]
    if webhook.clase == ClaseWebhook.POSTBACK:
        otras = _las_mismas_noticias(suyas, faltan)
    else:
        otras = _los_mismos_eventos(webhook, faltan)
    for otra in otras:
        otra.webhook = webhook
        otra.vez = veces.get(otra.evento_id, 0) + 1
    EntregaWebhook.objects.bulk_create(otras, batch_size=_POR_SENTENCIA)
    return len(otras)


def _las_mismas_noticias(
    suyas: QuerySet[EntregaWebhook], faltan: list[str]
) -> list[EntregaWebhook]:
    """What was told the first time, with the values of then."""
    primeras = suyas.filter(evento_id__in=faltan, vez=0).exclude(tipo=PRUEBA)
    return [
        EntregaWebhook(evento_id=e.evento_id, tipo=e.tipo, objeto=e.objeto, cuerpo=e.cuerpo)
        for e in primeras.order_by("evento_id")
    ]


def _los_mismos_eventos(webhook: Webhook, faltan: list[str]) -> list[EntregaWebhook]:
    eventos = {e.evento_id: e for e in OutboxEvent.objects.filter(evento_id__in=faltan)}
    sobres = [
        Sobre(e.evento_id, e.type, e.aggregateid, e.payload)
        for e in (eventos[evento_id] for evento_id in faltan if evento_id in eventos)
    ]
    if webhook.afiliado:
        de_quien = afiliados_de(sobres)
        sobres = [s for s in sobres if de_quien.get(s.id) == webhook.afiliado]
    return [EntregaWebhook(evento_id=s.id, tipo=s.tipo, objeto=s.sujeto) for s in sobres]


def _anotar(webhook: Webhook, accion: str, actor: Actor, datos: dict[str, object]) -> None:
    paso(
        entidad="webhook", entidad_id=webhook.id_publico, accion=accion, actor=actor,
        estado_anterior=webhook.estado, estado_nuevo=webhook.estado, datos=datos,
    ).save()  # fmt: skip
    anunciar([webhook.pk])


_EPOCA = datetime(1970, 1, 1, tzinfo=UTC)


def _id_de(cuando: datetime) -> str:
    """The least id that an event of an instant may have (UUIDv7)."""
    milis = max(0, (cuando - _EPOCA) // timedelta(milliseconds=1))
    hexa = f"{min(milis, 2**48 - 1):012x}"
    return f"{hexa[:8]}-{hexa[8:]}"
