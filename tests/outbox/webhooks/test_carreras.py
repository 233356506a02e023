"""Two workers, and what is written while one of them takes: on two connections."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from outbox.models import EntregaWebhook, Webhook
from outbox.webhooks import turno
from outbox.webhooks.repeticion import probar
from tests.fabricas import PRUEBAS, a_la_vez
from tests.outbox.probeta import emitir
from tests.outbox.webhooks.conftest import consumir

pytestmark = pytest.mark.django_db(transaction=True)


def test_dos_que_toman_a_la_vez_no_toman_lo_mismo(suscribir: Callable[..., Webhook]) -> None:
    webhook = suscribir()
    consumir(*[emitir(f"af_{n}", "x") for n in range(6)])
    for _vez in range(3):
        EntregaWebhook.objects.update(toca_en=webhook.creado_en)
        Webhook.objects.update(toca_en=webhook.creado_en)
        tomadas = a_la_vez([lambda: turno.tomar(webhook.pk, 4)] * 4)
        claves = [envio.entrega for unas in tomadas for envio in unas]
        assert claves
        assert len(claves) == len(set(claves))


def test_lo_que_llega_mientras_se_toma_no_se_olvida(suscribir: Callable[..., Webhook]) -> None:
    webhook = suscribir()
    for _vez in range(3):
        a_la_vez(
            [
                lambda: turno.tomar(webhook.pk, 4),
                lambda: probar(webhook=webhook, actor=PRUEBAS),
                lambda: turno.tomar(webhook.pk, 4),
            ]
        )
        webhook.refresh_from_db()
        proxima = EntregaWebhook.objects.order_by("toca_en").values_list("toca_en", flat=True)[0]
        assert webhook.toca_en is not None
        assert webhook.toca_en <= proxima + timedelta(seconds=1)
