"""Fixtures of the commission tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from comisiones.pagos.lotes import porciones
from comisiones.pagos.pago import envio
from tests.comisiones.pagos.pasarelas.pruebas import PasarelaDePruebas


@pytest.fixture
def pasarela(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[PasarelaDePruebas]]:
    """A gateway that does what the test says; it keeps what it paid, as a bank would."""
    # So that accidents happen to payments in their order.
    monkeypatch.setattr(envio, "A_LA_VEZ", 1)
    settings.PAGOS_PASARELA = "tests.comisiones.pagos.pasarelas.pruebas.PasarelaDePruebas"
    PasarelaDePruebas.reiniciar()
    yield PasarelaDePruebas
    PasarelaDePruebas.reiniciar()


@pytest.fixture
def por_porciones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches are proposed and dropped a few commissions at a time."""
    monkeypatch.setattr(porciones, "PORCION", 3)
