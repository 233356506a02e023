"""Cells of a spreadsheet."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from alpespartner.comun.documentos.celdas import celda


@given(st.text(max_size=20))
def test_celda_no_es_formula(valor: str) -> None:
    """A payee called ``=cmd|…`` must not run in the treasurer's spreadsheet."""
    salida = celda(valor)
    assert not salida.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert salida.replace("'", "") == valor.replace("'", "")
