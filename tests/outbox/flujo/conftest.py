"""Following the feed, as a client does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from outbox.flujo import services
from outbox.models import EntregaPendiente, OutboxEvent
from tests.fabricas import ClienteAPI
from tests.outbox.probeta import emitir

RUTA = "/api/v1/eventos"


def pedir(api: ClienteAPI, **parametros: Any) -> dict[str, Any]:
    """One answer."""
    respuesta = api.get(RUTA, parametros)
    assert respuesta.status_code == 200, respuesta.content
    cuerpo: dict[str, Any] = respuesta.json()
    assert cuerpo.keys() == {"resultados", "cursor", "hay_mas"}
    return cuerpo


def seguir(api: ClienteAPI, **parametros: Any) -> list[dict[str, Any]]:
    """All that there is, page by page."""
    eventos: list[dict[str, Any]] = []
    for _pagina in range(500):
        cuerpo = pedir(api, **parametros)
        eventos += cuerpo["resultados"]
        if not cuerpo["hay_mas"]:
            return eventos
        parametros["desde"] = cuerpo["cursor"]
    raise AssertionError("the pages do not end")


@pytest.fixture
def al_dia(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Moves the mark as far as it goes, without waiting; to begin with it is past the numbers that
    earlier tests took."""

    def mover() -> None:
        with monkeypatch.context() as ahora:
            ahora.setattr(services, "ESPERA", timedelta(0))
            services.avanzar()
            services.avanzar()

    if connection.vendor == "mysql":
        relleno = emitir("af_0", "relleno")
        mover()
        EntregaPendiente.objects.filter(evento=relleno).delete()
        OutboxEvent.objects.filter(pk=relleno.pk)._raw_delete(using="default")
    return mover
