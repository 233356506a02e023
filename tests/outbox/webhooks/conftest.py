"""A receiver, and webhooks that lead to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from afiliados.claves.selectors import titular_normal
from outbox.consumo import Sobre, procesar
from outbox.models import OutboxEvent, Webhook
from outbox.webhooks.consumidor import WEBHOOKS
from outbox.webhooks.services import crear
from tests.fabricas import PRUEBAS, clave
from tests.outbox.webhooks.receptor import Receptor, contestar, receptor


@pytest.fixture(scope="module")
def _receptor() -> Iterator[Receptor]:
    with receptor() as uno:
        yield uno


@pytest.fixture
def suyo(_receptor: Receptor, settings: Any) -> Receptor:
    """The receiver, without what it got before."""
    settings.WEBHOOKS_LOCALES = True
    _receptor.recibido.clear()
    _receptor.pedido.clear()
    _receptor.responder = lambda manejador, _n: contestar(manejador, 204)
    return _receptor


@pytest.fixture
def suscribir(suyo: Receptor) -> Callable[..., Webhook]:
    """Makes a webhook to the receiver, of a holder with a key that works."""

    def hacer(tipos: Sequence[str] = ("*",), *, url: str = "", afiliado: Any = None) -> Webhook:
        clave(de=afiliado, alcances=("conversiones:leer",))
        webhook, _secreto = crear(
            url=url or suyo.url,
            tipos=tipos,
            titular=titular_normal("Pruebas"),
            afiliado=afiliado.id_publico if afiliado else "",
            actor=PRUEBAS,
        )
        return webhook

    return hacer


def consumir(*eventos: OutboxEvent) -> int:
    """Hand events to the consumer; returns how many were new."""
    sobres = [Sobre(e.evento_id, e.type, e.aggregateid, e.payload) for e in eventos]
    return procesar(WEBHOOKS, sobres)
