"""Postbacks: what happened to an affiliate's commissions, told to its tracker by a GET.

They are webhooks of another class, sent and kept as the others are. An app above says what an event
tells (``leer_de``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from outbox.consumo import Sobre
from outbox.models import (
    ClaseWebhook,
    EntregaWebhook,
    EstadoWebhook,
    PostbackDicho,
    Webhook,
)
from outbox.webhooks.duenos import quiere
from outbox.webhooks.macros import EstadoPostback, de_estado
from outbox.webhooks.services import anunciar

_POR_SENTENCIA = 500


@dataclass(frozen=True, slots=True)
class Noticia:
    """What an event tells of a commission (``objeto``) of an affiliate, both by public id."""

    afiliado: str
    objeto: str
    estado: EstadoPostback
    valores: Mapping[str, str]


# What some events tell, by the id of the event; those that tell nothing are left out.
Lector = Callable[[Sequence[Sobre]], Mapping[str, Noticia]]
_LECTORES: list[tuple[frozenset[str], Lector]] = []


def leer_de(tipos: Collection[str], lector: Lector) -> None:
    """Say who reads events of some types."""
    _LECTORES.append((frozenset(tipos), lector))


def _noticias(sobres: Sequence[Sobre]) -> dict[str, Noticia]:
    noticias: dict[str, Noticia] = {}
    for tipos, lector in _LECTORES:
        suyos = [sobre for sobre in sobres if sobre.tipo in tipos]
        if suyos:
            noticias |= lector(suyos)
    return noticias


def apuntar(sobres: Sequence[Sobre]) -> None:
    """Write the deliveries of some events, in the transaction of their inbox: at most one of each
    postback, commission and state, which a constraint holds for two that write at once."""
    activos = Webhook.objects.filter(clase=ClaseWebhook.POSTBACK, estado=EstadoWebhook.ACTIVO)
    if not activos.exists():
        return
    noticias = _noticias(sobres)
    candidatos = [
        pk
        for pk, afiliado, tipos in activos.filter(
            afiliado__in={noticia.afiliado for noticia in noticias.values()}
        ).values_list("pk", "afiliado", "tipos")
        if any(a.afiliado == afiliado and quiere(tipos, a.estado) for a in noticias.values())
    ]
    if not candidatos:
        return
    bloqueados = Webhook.objects.select_for_update().filter(pk__in=candidatos).order_by("pk")
    postbacks = [w for w in bloqueados if w.estado == EstadoWebhook.ACTIVO]
    dichos = set(
        PostbackDicho.objects.filter(
            webhook__in=candidatos, objeto__in={a.objeto for a in noticias.values()}
        ).values_list("webhook_id", "objeto", "estado")
    )
    nuevos: list[PostbackDicho] = []
    entregas: list[EntregaWebhook] = []
    ahora = timezone.now()
    for evento_id, noticia in noticias.items():
        for postback in postbacks:
            seria = (postback.pk, noticia.objeto, str(noticia.estado))
            suyo = postback.afiliado == noticia.afiliado and quiere(postback.tipos, noticia.estado)
            if not suyo or seria in dichos:
                continue
            dichos.add(seria)
            nuevos.append(
                PostbackDicho(webhook=postback, objeto=noticia.objeto, estado=noticia.estado)
            )
            entregas.append(_entrega(postback, evento_id, noticia))
    if not entregas:
        return
    for entrega in entregas:
        entrega.toca_en = entrega.creada_en = ahora
    PostbackDicho.objects.bulk_create(nuevos, batch_size=_POR_SENTENCIA)
    EntregaWebhook.objects.bulk_create(entregas, batch_size=_POR_SENTENCIA)
    anunciar({entrega.webhook_id for entrega in entregas})


def _entrega(postback: Webhook, evento_id: str, noticia: Noticia) -> EntregaWebhook:
    # As they are told now: what changes later is another state's.
    valores = {**noticia.valores, **de_estado(noticia.estado)}
    return EntregaWebhook(
        webhook=postback, evento_id=evento_id, tipo=noticia.estado, objeto=noticia.objeto,
        cuerpo=json.dumps(valores),
    )  # fmt: skip
