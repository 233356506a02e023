"""How payments are set up in their tests."""

from __future__ import annotations

from typing import Any

import pytest

from tests.comisiones.pagos.sepa import NUESTRA


@pytest.fixture
def solo_lotes(settings: Any) -> None:
    """Only batches pay."""
    settings.PAGOS_AUTOMATICOS = False


@pytest.fixture
def sepa(settings: Any) -> None:
    """An account to pay from, and only batches."""
    settings.SEPA_IBAN = NUESTRA
    settings.SEPA_NOMBRE = "Alpes Ñandú & Cía"
    settings.SEPA_BIC = "COBADEFFXXX"
    settings.PAGOS_AUTOMATICOS = False
    settings.PAGOS_SEGUNDOS_BARRIDO = settings.PAGOS_SEGUNDOS_TRABAJOS = 0
    settings.PAGOS_SEGUNDOS_INCIERTO = 0
