"""Text that ends up in a spreadsheet."""

from __future__ import annotations

import re
import unicodedata

# What begins a formula, also in its full-width, small and raised forms.
_BASICOS = ("=", "+", "-", "@", "\N{MINUS SIGN}")
_PELIGROSOS = "".join(
    c for c in map(chr, range(0x10000)) if unicodedata.normalize("NFKC", c).startswith(_BASICOS)
)
_COMIENZO = re.compile(f"[{re.escape(_PELIGROSOS)}]+")
_DE_CONTROL = ("\t", "\r", "\n")


def celda(valor: str) -> str:
    """``valor`` as text that no spreadsheet takes for a formula, whatever it is opened with.

    A file of commas opened with another separator is cut elsewhere: any sign that is not a letter
    or a figure may come to be the edge of a cell, so ``'`` goes before each ``=``, ``+``, ``-`` or
    ``@`` behind one. A dash between two words stays as it is.
    """
    neutra = _COMIENZO.sub(lambda hallado: _neutralizar(hallado, valor), valor)
    return f"'{neutra}" if neutra.startswith(_DE_CONTROL) else neutra


def _neutralizar(hallado: re.Match[str], valor: str) -> str:
    antes, despues = valor[: hallado.start()], valor[hallado.end() :]
    if antes and _de_palabra(antes[-1]):
        return hallado[0]
    palabra = antes.rstrip(" ")
    guion = hallado[0] == "-" and antes.endswith(" ") and despues.startswith(" ")
    if guion and palabra and _de_palabra(palabra[-1]):
        return hallado[0]
    return f"'{hallado[0]}"


def _de_palabra(signo: str) -> bool:
    """Whether it is part of a word: a letter, a figure, or an accent of its own."""
    return unicodedata.category(signo)[0] in "LNM"
