"""Reasons that people write."""

from __future__ import annotations

import pytest

from alpespartner.comun.errores import DatoInvalido
from alpespartner.comun.textos import exigir_motivo


@pytest.mark.parametrize("motivo", ["", "   ", "\n\t", "x" * 501])
def test_motivo_invalido(motivo: str) -> None:
    """A blank reason explains nothing; a long one does not fit."""
    with pytest.raises(DatoInvalido) as error:
        exigir_motivo(motivo)
    assert error.value.campo == "motivo"


def test_motivo_sin_blancos() -> None:
    """The limit counts what is kept."""
    assert exigir_motivo(f"  {'x' * 500}\n") == "x" * 500
