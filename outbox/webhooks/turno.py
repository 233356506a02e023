"""Which deliveries are tried next, and what becomes of each: all that sending writes.

Whoever holds the row of a webhook takes or settles its deliveries, so two workers never try one at
the same time. What a worker took is its own until ``RESERVA`` has gone by: what dies with it is
tried again then.

Of one object the next event waits while an earlier one is within its first ``EN_ORDEN`` tries, some
five minutes; after those it goes ahead, and the receiver tells their order by ``time``.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Min
from django.utils import timezone

from alpespartner.comun.actores import sistema
from outbox.models import (
    CausaWebhook,
    ClaseWebhook,
    EntregaWebhook,
    EstadoEntregaWebhook,
    EstadoWebhook,
    OutboxEvent,
    Webhook,
)
from outbox.webhooks import correo
from outbox.webhooks.duenos import puede_recibir
from outbox.webhooks.peticion import Respuesta
from outbox.webhooks.services import desactivar

# Seconds from each try to the next: of the specification.
ESPERAS = (0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
# Each wait is longer by up to this, so that what failed together is not tried together.
AZAR = 0.1
EN_ORDEN = 3
# Of what is due, as many times what is taken are looked at: some wait for others of their object.
_MIRADAS = 4
# Longer than a turn of tries may take, with a server of names that does not answer.
RESERVA = timedelta(seconds=120)
# A holder whose keys do not work is looked at again after this.
SIN_TITULAR = timedelta(minutes=4)
# What failed for this long without one good answer is turned off.
DIAS_DE_FALLOS = 5
ACTOR = sistema("webhooks")
_DE_UN_INTENTO = (
    "estado", "intentos", "toca_en", "intentada_en", "cabeceras", "huella", "codigo_http",
    "respuesta", "error", "duracion_ms",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Envio:
    """A delivery that its taker has to try. ``reserva`` is the ``toca_en`` that makes it theirs."""

    entrega: int
    webhook: int
    reserva: datetime
    url: str
    anfitrion: str
    falla: bool
    postback: bool
    evento_id: str
    cuerpo: str | None
    secretos: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Candidato:
    """A webhook that has something due."""

    pk: int
    anfitrion: str
    falla: bool


def con_trabajo(
    limite: int, *, llenos: Collection[str], sin_fallos: Collection[str] | None, vistos: set[int]
) -> list[Candidato]:
    """Webhooks with something due, the longest waiting first: none of the servers that are
    ``llenos`` and, of those that fail, none of ``sin_fallos`` (None: none at all)."""
    tocan = Webhook.objects.filter(estado=EstadoWebhook.ACTIVO, toca_en__lte=timezone.now())
    tocan = tocan.exclude(anfitrion__in=llenos).exclude(pk__in=vistos)
    if sin_fallos is None:
        tocan = tocan.filter(fallando_desde=None)
    else:
        tocan = tocan.exclude(fallando_desde__isnull=False, anfitrion__in=sin_fallos)
    filas = tocan.order_by("toca_en", "pk").values_list("pk", "anfitrion", "fallando_desde")
    return [Candidato(pk, anfitrion, desde is not None) for pk, anfitrion, desde in filas[:limite]]


def tomar(webhook_pk: int, cuantas: int) -> list[Envio]:
    """Take up to so many of what is due of a webhook; nothing when it is somebody else's turn."""
    with transaction.atomic():
        webhook = (
            Webhook.objects.select_for_update(skip_locked=True)
            .filter(pk=webhook_pk, estado=EstadoWebhook.ACTIVO)
            .first()
        )
        if webhook is None:
            return []
        ahora = timezone.now()
        if not puede_recibir(webhook):
            Webhook.objects.filter(pk=webhook.pk).update(toca_en=ahora + SIN_TITULAR)
            return []
        elegidas = _elegir(webhook, cuantas, ahora)
        reserva = ahora + RESERVA
        EntregaWebhook.objects.filter(pk__in=[e.pk for e in elegidas]).update(
            toca_en=reserva, espera=False
        )
        _decir_cuando_toca(webhook)
    cuerpos = _cuerpos(elegidas)
    secretos = tuple(_secretos(webhook, ahora))
    return [
        Envio(
            entrega=e.pk, webhook=webhook.pk, reserva=reserva, url=webhook.url,
            anfitrion=webhook.anfitrion, falla=webhook.fallando_desde is not None,
            postback=webhook.clase == ClaseWebhook.POSTBACK,
            evento_id=e.evento_id, cuerpo=e.cuerpo or cuerpos.get(e.evento_id), secretos=secretos,
        )
        for e in elegidas
    ]  # fmt: skip


def soltar(envios: Sequence[Envio]) -> None:
    """Give back what was taken and is not tried: it is due again, unless it is somebody else's."""
    with transaction.atomic():
        webhooks, mias = _suyas(envios)
        EntregaWebhook.objects.filter(pk__in=[fila.pk for fila in mias]).update(
            toca_en=timezone.now()
        )
        for webhook in webhooks:
            _decir_cuando_toca(webhook)


def _suyas(envios: Collection[Envio]) -> tuple[list[Webhook], list[EntregaWebhook]]:
    """The webhooks of what was taken, and of their deliveries those that nobody else took since:
    locked."""
    claves = {envio.webhook for envio in envios}
    webhooks = Webhook.objects.select_for_update().filter(pk__in=claves).order_by("pk")
    reservas = {envio.entrega: envio.reserva for envio in envios}
    # In this order: whoever holds a webhook holds its deliveries.
    bloqueados = list(webhooks)
    filas = EntregaWebhook.objects.select_for_update().filter(
        pk__in=reservas, estado=EstadoEntregaWebhook.PENDIENTE
    )
    return bloqueados, [fila for fila in filas if fila.toca_en == reservas[fila.pk]]


def _elegir(webhook: Webhook, cuantas: int, ahora: datetime) -> list[EntregaWebhook]:
    tocan = (
        _pendientes(webhook)
        .filter(toca_en__lte=ahora)
        .order_by("toca_en", "pk")
        .values_list("pk", "objeto", "intentos")[: cuantas * _MIRADAS]
    )
    primeras = _primeras(webhook, {objeto for _pk, objeto, _n in tocan})
    libres: list[int] = []
    esperan: list[int] = []
    for pk, objeto, intentos in tocan:
        libre = intentos >= EN_ORDEN or pk == primeras.get(objeto, pk)
        (libres if libre else esperan).append(pk)
    # Whoever settles the one before calls them.
    EntregaWebhook.objects.filter(pk__in=esperan).update(
        espera=True, toca_en=ahora + timedelta(seconds=sum(ESPERAS[: EN_ORDEN + 1]))
    )
    elegidas = EntregaWebhook.objects.in_bulk(libres[:cuantas])
    return [elegidas[pk] for pk in libres[:cuantas]]


def _pendientes(webhook: Webhook) -> Any:
    return EntregaWebhook.objects.filter(webhook=webhook, estado=EstadoEntregaWebhook.PENDIENTE)


def _primeras(webhook: Webhook, objetos: Collection[str]) -> dict[str, int]:
    """Of each object, the delivery whose turn it is."""
    suyas = _pendientes(webhook).filter(objeto__in=objetos, intentos__lt=EN_ORDEN)
    return dict(
        suyas.order_by().values("objeto").annotate(va=Min("pk")).values_list("objeto", "va")
    )


def _decir_cuando_toca(webhook: Webhook) -> None:
    proxima = _pendientes(webhook).order_by("toca_en").values_list("toca_en", flat=True).first()
    Webhook.objects.filter(pk=webhook.pk, estado=EstadoWebhook.ACTIVO).update(toca_en=proxima)


def _cuerpos(entregas: Sequence[EntregaWebhook]) -> dict[str, str]:
    """The documents of events, exactly as they are on their topic."""
    ids = [e.evento_id for e in entregas if not e.cuerpo]
    eventos = OutboxEvent.objects.filter(evento_id__in=ids)
    return dict(eventos.values_list("evento_id", "payload")) if ids else {}


def _secretos(webhook: Webhook, ahora: datetime) -> list[str]:
    if not webhook.secreto:
        # A postback is not signed.
        return []
    secretos = [webhook.secreto]
    hasta = webhook.anterior_hasta
    if webhook.secreto_anterior and hasta is not None and hasta > ahora:
        secretos.append(webhook.secreto_anterior)
    return secretos


@dataclass(frozen=True, slots=True)
class Hecho:
    """What came of a try, with what was sent: headers without signatures, digest of the body."""

    envio: Envio
    respuesta: Respuesta
    cabeceras: dict[str, str]
    huella: str


def asentar(hechos: Sequence[Hecho]) -> int:
    """Write what came of some tries; returns how many were delivered.

    One whose time ran out, and that somebody else took, is theirs to tell.
    """
    por_entrega = {hecho.envio.entrega: hecho for hecho in hechos}
    with transaction.atomic():
        webhooks, mias = _suyas([hecho.envio for hecho in hechos])
        ahora = timezone.now()
        for fila in mias:
            for campo, valor in _cambios(fila, por_entrega[fila.pk], ahora).items():
                setattr(fila, campo, valor)
        _reescribir(mias)
        for webhook in webhooks:
            suyas = [fila for fila in mias if fila.webhook_id == webhook.pk]
            _llamar_a_las_siguientes(webhook, {fila.objeto for fila in suyas}, ahora)
            _como_va(webhook, suyas, ahora)
            _decir_cuando_toca(webhook)
    return sum(not por_entrega[fila.pk].respuesta.error for fila in mias)


def _reescribir(filas: Sequence[EntregaWebhook]) -> None:
    """What a try left, of rows that are locked: in one sentence, and that of an insertion, whose
    values take a quarter of the time to write that a CASE for each column does."""
    decir_clave = connection.features.supports_update_conflicts_with_target
    EntregaWebhook.objects.bulk_create(
        filas,
        update_conflicts=True,
        unique_fields=["pk"] if decir_clave else None,
        update_fields=_DE_UN_INTENTO,
    )


def _cambios(fila: EntregaWebhook, hecho: Hecho, ahora: datetime) -> dict[str, Any]:
    respuesta = hecho.respuesta
    intentos = min(fila.intentos + 1, len(ESPERAS))
    estado, toca_en = EstadoEntregaWebhook.PENDIENTE, ahora
    if not respuesta.error:
        estado = EstadoEntregaWebhook.ENTREGADA
    elif intentos == len(ESPERAS) or hecho.envio.cuerpo is None:
        # After the last try, or without an event to send.
        estado = EstadoEntregaWebhook.FALLIDA
    else:
        segundos = max(ESPERAS[intentos] * (1 + AZAR * random.random()), respuesta.esperar)  # noqa: S311
        toca_en = ahora + timedelta(seconds=segundos)
    valores = (
        estado, intentos, toca_en, ahora, hecho.cabeceras, hecho.huella, respuesta.codigo_http,
        respuesta.comienzo, respuesta.error, respuesta.duracion_ms,
    )  # fmt: skip
    return dict(zip(_DE_UN_INTENTO, valores, strict=True))


def _llamar_a_las_siguientes(webhook: Webhook, objetos: Collection[str], ahora: datetime) -> None:
    siguientes = _primeras(webhook, objetos)
    EntregaWebhook.objects.filter(pk__in=list(siguientes.values()), espera=True).update(
        espera=False, toca_en=ahora
    )


def _como_va(webhook: Webhook, filas: Sequence[EntregaWebhook], ahora: datetime) -> None:
    """Note since when it fails, and turn it off when its receiver is gone."""
    if webhook.estado != EstadoWebhook.ACTIVO or not filas:
        return
    if any(fila.codigo_http == 410 for fila in filas):
        _apagar(webhook, CausaWebhook.RETIRADO)
    elif any(not fila.error for fila in filas):
        if webhook.fallando_desde is not None:
            Webhook.objects.filter(pk=webhook.pk).update(fallando_desde=None)
    elif webhook.fallando_desde is None:
        Webhook.objects.filter(pk=webhook.pk).update(fallando_desde=ahora)
    elif webhook.fallando_desde <= ahora - timedelta(days=DIAS_DE_FALLOS):
        _apagar(webhook, CausaWebhook.FALLOS)


def _apagar(webhook: Webhook, causa: CausaWebhook) -> None:
    desactivar(webhook=webhook, actor=ACTOR, causa=causa)
    correo.dejar()
