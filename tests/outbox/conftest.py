"""Fixtures of the outbox tests."""

from __future__ import annotations

import pytest

from outbox.consumo import CONSUMIDORES, Consumidor
from tests.outbox.probeta import Probeta


@pytest.fixture
def probeta(monkeypatch: pytest.MonkeyPatch) -> Probeta:
    """The only consumer while the test runs; it keeps what it got in the database."""
    nueva = Probeta()
    consumidor = Consumidor("probeta", frozenset(), nueva.manejar)
    for nombre in list(CONSUMIDORES):
        monkeypatch.delitem(CONSUMIDORES, nombre)
    monkeypatch.setitem(CONSUMIDORES, "probeta", consumidor)
    nueva.consumidor = consumidor
    return nueva
