"""What holds of webhooks at any moment."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F, Q
from django.utils import timezone

from alpespartner.comun.cifrado import descifrar
from alpespartner.comun.invariantes import TARDE, Comprobacion
from outbox.models import CausaWebhook, EntregaWebhook, EstadoEntregaWebhook, EstadoWebhook, Webhook


def _se_sabe_que_enviar() -> Iterator[str]:
    """What waits of one that is on is due when the webhook says, or later; one that is off says why
    and has no turn; secrets are legible, and each has one holder."""
    pendientes = EntregaWebhook.objects.filter(
        estado=EstadoEntregaWebhook.PENDIENTE, webhook__estado=EstadoWebhook.ACTIVO
    )
    sin_turno = pendientes.filter(webhook__toca_en=None)
    for entrega in sin_turno.select_related("webhook")[:20]:
        yield f"{entrega.webhook}: {entrega.evento_id} espera y nadie lo enviará"
    # Of a holder without keys nothing is due for a while.
    adelantadas = pendientes.filter(
        toca_en__lt=F("webhook__toca_en"), webhook__toca_en__gt=timezone.now() + TARDE
    )
    for entrega in adelantadas.select_related("webhook")[:20]:
        yield f"{entrega.webhook}: {entrega.evento_id} toca antes de lo que dice su webhook"
    apagados = Q(estado=EstadoWebhook.DESACTIVADO) & (
        Q(causa=CausaWebhook.NINGUNA) | Q(toca_en__isnull=False)
    )
    encendidos = Q(estado=EstadoWebhook.ACTIVO) & ~Q(causa=CausaWebhook.NINGUNA)
    for webhook in Webhook.objects.filter(apagados | encendidos)[:20]:
        yield f"{webhook}: su estado y su causa no cuadran"
    for webhook in Webhook.objects.exclude(titular="").exclude(afiliado="")[:20]:
        yield f"{webhook}: tiene dos titulares"
    for webhook in Webhook.objects.iterator():
        for secreto in filter(None, (webhook.secreto, webhook.secreto_anterior)):
            try:
                descifrar(secreto)
            except Exception:
                yield f"{webhook}: su secreto no se lee"


def _entregada_una_vez() -> Iterator[str]:
    """What was delivered has a 2xx, and what failed says why."""
    sin_respuesta = Q(estado=EstadoEntregaWebhook.ENTREGADA) & (
        Q(codigo_http=None) | Q(codigo_http__lt=200) | Q(codigo_http__gte=300)
    )
    sin_causa = Q(estado=EstadoEntregaWebhook.FALLIDA, error="")
    for entrega in EntregaWebhook.objects.filter(sin_respuesta | sin_causa)[:20]:
        yield f"entrega {entrega.pk} de {entrega.evento_id}: su estado no es el de su respuesta"


COMPROBACIONES = (
    Comprobacion("Lo que espera un webhook tiene su turno", _se_sabe_que_enviar),
    Comprobacion("Cada entrega de un webhook dice cómo acabó", _entregada_una_vez),
)
