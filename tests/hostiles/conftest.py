"""What the tests of hostile rows share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.hostiles.visitas import Visitas


@pytest.fixture(autouse=True)
def _ajustes(settings: Any, libro_sin_candado: None) -> None:
    settings.SEPA_IBAN = "DE89370400440532013000"


@pytest.fixture
def visitas(request: pytest.FixtureRequest) -> Iterator[Visitas]:
    """``-s`` shows how much was tried."""
    visitas = Visitas()
    yield visitas
    print(f"\n{request.node.name}: {dict(visitas.hechas)}")
