"""Cells of the CSV files, whatever separator they are opened with."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpespartner.comun.documentos.celdas import celda

# Full-width, small, superscript and mathematical ones too: spreadsheets read them as the plain one.
PELIGROS = "=+-@＝＋－＠﹢﹣﹦﹫⁼⁺⁻−"
SEPARADORES = ";,\t|:/^~ \n\r\x0b\x0c\x1c\x1f\x85\u2028\u00a0.!*"
RELLENO = "\"'` \u200b\u2060\ufeff\u00a0\u3000\x00"

peligroso = st.builds(
    lambda antes, separador, relleno, peligro: f"{antes}{separador}{relleno}{peligro}c|' /C x'!A0",
    st.sampled_from(["", "Ana", "李", "a\u0301"]),
    st.sampled_from(SEPARADORES),
    st.text(RELLENO, max_size=3),
    st.sampled_from(PELIGROS),
)


def se_ejecuta(trozo: str) -> bool:
    """Whether a spreadsheet may take a cell for a formula: it strips quotes and invisible ones."""
    return trozo.lstrip('"` \u200b\u2060\ufeff\u00a0\u3000\x00')[:1] in tuple(PELIGROS)


@given(peligroso)
def test_despues_de_cualquier_separador(valor: str) -> None:
    """``Ana;=cmd…`` in a file of commas that is opened with semicolons, and its relatives."""
    salida = io.StringIO()
    csv.writer(salida).writerow(["af_1", celda(valor), "10.00"])
    for separador in SEPARADORES:
        for linea in salida.getvalue().replace(separador, "\n").splitlines():
            for trozo in linea.split(separador):
                assert not se_ejecuta(trozo), (separador, trozo)


@given(st.text(max_size=30) | peligroso)
def test_solo_anade_apostrofos(valor: str) -> None:
    """Nothing of the text is lost: without what was put in, it is what it was."""
    salida = celda(valor)
    assert salida.replace("'", "") == valor.replace("'", "")
    assert not salida.startswith((*PELIGROS, "\t", "\r", "\n"))


@pytest.mark.parametrize(
    "valor",
    [
        "", "Ana", "Ana-Luisa", "Jean–Luc", "ana@example.com", "C++", "a=b", "Grupo Alpes - Andes",
        "李小龍", "10,50", "O'Brien; hijos", "😀 Ana", "Devolución: pedido 1-2",
    ],
)  # fmt: skip
def test_lo_corriente_queda_igual(valor: str) -> None:
    """A hyphen inside a name, or a dash between two, is no formula."""
    assert celda(valor) == valor


@pytest.mark.parametrize(
    ("valor", "esperado"),
    [
        ("=1", "'=1"), ("Ana;=cmd", "Ana;'=cmd"), ("Ana,\t+1", "Ana,\t'+1"), ("a\n-1", "a\n'-1"),
        ("＝1", "'＝1"), ("\tx", "'\tx"), ("\u200b=1", "\u200b'=1"), ("Ana =1", "Ana '=1"),
        ("Ana; - 1", "Ana; '- 1"), ("--1", "'--1"),
    ],
)  # fmt: skip
def test_lo_peligroso_lleva_apostrofo(valor: str, esperado: str) -> None:
    """Right before what would begin a formula."""
    assert celda(valor) == esperado
