"""Fixtures of the backtests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.comisiones.simulaciones.mesa import Mesa


@pytest.fixture
def mesa(tmp_path: Path) -> Mesa:
    return Mesa(tmp_path)
