"""What is written of webhooks: making one, changing it, its secrets, turning it off and on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from alpespartner.comun import cola, turnos
from alpespartner.comun.actores import Actor
from alpespartner.comun.cifrado import cifrar
from alpespartner.comun.errores import Conflicto
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import nuevo_id
from outbox.models import CausaWebhook, ClaseWebhook, EstadoWebhook, Webhook
from outbox.webhooks import destino
from outbox.webhooks.duenos import TODOS, tipos_ofrecidos
from outbox.webhooks.errores import DemasiadosPostbacks, DemasiadosWebhooks, TipoNoOfrecido
from outbox.webhooks.estados import WEBHOOK
from outbox.webhooks.firma import nuevo_secreto
from outbox.webhooks.macros import exigir_estados, leer_plantilla

POR_TITULAR = 20
# Postbacks of an affiliate.
POR_AFILIADO = 5
# While a secret takes the place of another both sign.
ROTACION = timedelta(hours=24)


def despertar() -> None:
    """Queue the task that sends."""
    cola.encolar("webhooks.enviar", caduca=60)


def anunciar(webhooks: Iterable[int]) -> None:
    """Say of some webhooks (locked by the caller) that they have something to send now."""
    ahora = timezone.now()
    suyos = Webhook.objects.filter(pk__in=list(webhooks))
    suyos.filter(Q(toca_en=None) | Q(toca_en__gt=ahora)).update(toca_en=ahora)
    despertar()


def crear(
    *, url: str, tipos: Iterable[str], titular: str, afiliado: str, actor: Actor
) -> tuple[Webhook, str]:
    """Make a webhook of a holder (and of an affiliate, by its public id, when it is one's).

    Returns it with its secret, which is never shown again. Raises :class:`UrlInvalida`,
    :class:`TipoNoOfrecido` and :class:`DemasiadosWebhooks`.
    """
    pedidos = _exigir_tipos(tipos, afiliado)
    anfitrion = destino.leer(url).anfitrion
    secreto = nuevo_secreto()
    webhook = Webhook(
        id_publico=nuevo_id("wh"),
        url=url,
        anfitrion=anfitrion,
        tipos=pedidos,
        # Those of an affiliate are its own, whatever its keys are called.
        titular="" if afiliado else titular,
        afiliado=afiliado,
        secreto=cifrar(secreto),
    )
    return _guardar(webhook, actor, POR_TITULAR, DemasiadosWebhooks), secreto


def crear_postback(*, url: str, estados: Iterable[str], afiliado: str, actor: Actor) -> Webhook:
    """Make a postback of an affiliate (by its public id), who may have ``POR_AFILIADO``: it asks
    for some states of its commissions, or for all (``*``).

    Raises :class:`UrlInvalida`, :class:`EstadoNoOfrecido` and :class:`DemasiadosPostbacks`.
    """
    postback = Webhook(
        id_publico=nuevo_id("pb"),
        clase=ClaseWebhook.POSTBACK,
        url=url,
        anfitrion=leer_plantilla(url).anfitrion,
        tipos=exigir_estados(estados),
        afiliado=afiliado,
    )
    return _guardar(postback, actor, POR_AFILIADO, DemasiadosPostbacks)


def _guardar(webhook: Webhook, actor: Actor, caben: int, lleno: type[Conflicto]) -> Webhook:
    with transaction.atomic():
        # One at a time: two of the same holder would both find room.
        de_quien = webhook.afiliado or webhook.titular
        turnos.tomar([f"wh_{hashlib.sha256(de_quien.encode()).hexdigest()[:24]}"])
        suyos = Webhook.objects.filter(
            titular=webhook.titular, afiliado=webhook.afiliado, clase=webhook.clase
        )
        if suyos.count() >= caben:
            raise lleno()
        webhook.save(force_insert=True)
        paso(
            entidad="webhook", entidad_id=webhook.id_publico, accion="crear", actor=actor,
            estado_nuevo=webhook.estado,
            datos={"anfitrion": webhook.anfitrion, "tipos": webhook.tipos},
        ).save()  # fmt: skip
    return webhook


def _exigir_tipos(tipos: Iterable[str], afiliado: str) -> list[str]:
    pedidos = sorted(set(tipos))
    ofrecidos = tipos_ofrecidos(afiliado)
    sobran = [tipo for tipo in pedidos if tipo != TODOS and tipo not in ofrecidos]
    if sobran or not pedidos:
        raise TipoNoOfrecido(
            _("Tipos no ofrecidos: %(sobran)s. Elige «*» o entre: %(ofrecidos)s.")
            % {"sobran": ", ".join(sobran)[:200] or "-", "ofrecidos": ", ".join(ofrecidos)}
        )
    return [TODOS] if TODOS in pedidos else pedidos


def bloquear(webhook: Webhook) -> Webhook:
    """The row as it is, locked: whoever has it is the only one that takes or settles its
    deliveries."""
    return Webhook.objects.select_for_update().get(pk=webhook.pk)


def editar(
    *, webhook: Webhook, actor: Actor, url: str | None = None, tipos: Iterable[str] | None = None
) -> Webhook:
    """Change where it leads or what it is sent (of a postback, the states that it asks for);
    raises what :func:`crear` and :func:`crear_postback` do."""
    es_postback = webhook.clase == ClaseWebhook.POSTBACK
    datos: dict[str, object] = {}
    if url is not None:
        leido = leer_plantilla(url) if es_postback else destino.leer(url)
        datos |= {"url": url, "anfitrion": leido.anfitrion}
    if tipos is not None:
        datos["tipos"] = (
            exigir_estados(tipos) if es_postback else _exigir_tipos(tipos, webhook.afiliado)
        )
    with transaction.atomic():
        actual = bloquear(webhook)
        cambios = {campo: v for campo, v in datos.items() if getattr(actual, campo) != v}
        if not cambios:
            return actual
        for campo, valor in cambios.items():
            setattr(actual, campo, valor)
        actual.version += 1
        actual.actualizado_en = timezone.now()
        actual.save(update_fields=[*cambios, "version", "actualizado_en"])
        # Its address may hold a password of the receiver's: the history keeps the server.
        dicho = {campo: v for campo, v in cambios.items() if campo != "url"}
        paso(
            entidad="webhook", entidad_id=actual.id_publico, accion="editar", actor=actor,
            estado_anterior=actual.estado, estado_nuevo=actual.estado,
            datos={"campos": sorted(cambios), **dicho},
        ).save()  # fmt: skip
    return actual


def desactivar(
    *,
    webhook: Webhook,
    actor: Actor,
    causa: CausaWebhook = CausaWebhook.A_MANO,
    motivo: str = "",
) -> Webhook:
    """Send nothing more; what waits stays for when it is turned on. Raises
    :class:`TransicionInvalida` when it is off."""
    with transaction.atomic():
        actual = bloquear(webhook)
        actual.causa, actual.toca_en = causa, None
        WEBHOOK.transitar(
            actual, EstadoWebhook.DESACTIVADO, accion="desactivar", actor=actor,
            motivo=motivo.strip(), datos={"causa": causa.value}, campos=["causa", "toca_en"],
        )  # fmt: skip
    return actual


def activar(*, webhook: Webhook, actor: Actor) -> Webhook:
    """Send again, and first what waited. Raises :class:`TransicionInvalida` when it is on."""
    with transaction.atomic():
        actual = bloquear(webhook)
        actual.causa, actual.fallando_desde = CausaWebhook.NINGUNA, None
        actual.toca_en = timezone.now()
        WEBHOOK.transitar(
            actual, EstadoWebhook.ACTIVO, accion="activar", actor=actor,
            campos=["causa", "fallando_desde", "toca_en"],
        )  # fmt: skip
        despertar()
    return actual


def rotar(*, webhook: Webhook, actor: Actor) -> tuple[Webhook, str]:
    """Give it another secret, shown this once; the one it had signs too for ``ROTACION``."""
    secreto = nuevo_secreto()
    with transaction.atomic():
        actual = bloquear(webhook)
        actual.secreto_anterior, actual.secreto = actual.secreto, cifrar(secreto)
        actual.anterior_hasta = timezone.now() + ROTACION
        actual.version += 1
        actual.actualizado_en = timezone.now()
        actual.save(
            update_fields=[
                "secreto", "secreto_anterior", "anterior_hasta", "version", "actualizado_en",
            ]
        )  # fmt: skip
        paso(
            entidad="webhook", entidad_id=actual.id_publico, accion="rotar", actor=actor,
            estado_anterior=actual.estado, estado_nuevo=actual.estado,
        ).save()  # fmt: skip
    return actual, secreto
