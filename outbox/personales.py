"""What is held of an affiliate where its events are sent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from alpespartner.comun.personales import Parte, Seccion, Tacha, registrar, tachar_rastro
from outbox.models import EntregaWebhook, Webhook


def _secciones(afiliado: Any) -> Iterable[Seccion]:
    suyos = Webhook.objects.filter(afiliado=afiliado.id_publico).order_by("pk")
    yield "webhooks", list(suyos.values("id_publico", "url", "tipos", "estado", "creado_en"))


def _borrar(afiliado: Any, tacha: Tacha) -> None:
    suyos = Webhook.objects.filter(afiliado=afiliado.id_publico)
    tachar_rastro("webhook", list(suyos.values_list("id_publico", flat=True)), tacha)
    # An address names who answers there, and nothing is sent to it any more.
    EntregaWebhook.objects.filter(webhook__in=suyos).delete()
    suyos.delete()


registrar(Parte(entidad="afiliado", secciones=_secciones, borrar=_borrar))
