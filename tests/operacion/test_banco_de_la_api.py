"""The benchmark of the API runs, on a few."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from alpespartner.operacion.siembra import asegurar_programa
from outbox.models import OutboxEvent
from tests.outbox.flujo.conftest import al_dia  # noqa: F401


@pytest.mark.django_db
def test_el_banco_en_pequeno(
    monkeypatch: pytest.MonkeyPatch,
    al_dia: Callable[[], None],  # noqa: F811
) -> None:
    monkeypatch.syspath_prepend("scripts")
    import medir_api

    asegurar_programa(timezone.now())
    al_dia()
    monkeypatch.setattr(medir_api, "PAGINA", 20)
    monkeypatch.setattr(medir_api, "_al_dia", al_dia)
    flujo = medir_api.medir_eventos(50, 1)
    assert flujo["eventos"] == OutboxEvent.objects.count() == 50
    assert flujo["por_segundo"] > 0
    limites = medir_api.medir_limites(2)
    assert limites["comision_ms"] > limites["contar_ms"] > 0
