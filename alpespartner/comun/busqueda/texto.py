"""The form in which texts are compared when somebody searches, and the pieces of one."""

from __future__ import annotations

import re
import unicodedata

# Of a piece so many characters are kept: what is longer is compared with the row itself.
ANCHO = 16
# A piece of a text in plain letters has at least so many, unless it begins a word.
MINIMO = 3
# No name, reference nor address is longer; one written to fill the index goes no further.
MAXIMO = 400
# Letters and figures together, and a sign after a blank.
_PALABRA = re.compile(r"[^\W_]+|(?<![^ ])[^ ]")
# Letters that Unicode does not take apart, as people who have no key for them write them.
_LLANAS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe",
                         "ð": "d", "þ": "th"})  # fmt: skip


def llano(texto: str) -> str:
    """A text without case, accents, nor what shows nothing, its blanks single ones.

    It is made letter by letter, so that what is part of a text is part of its form. Scripts without
    case or accents stay as they are.
    """
    if not texto.isascii():
        texto = "".join(
            " " if letra.isspace() else letra
            for letra in unicodedata.normalize("NFKD", texto)
            if unicodedata.category(letra) not in ("Mn", "Me", "Cf")
        )
    texto = texto.casefold()
    return " ".join((texto if texto.isascii() else texto.translate(_LLANAS)).split())


def trozos(texto: str, *, letras: int = MAXIMO) -> set[str]:
    """Pieces by whose beginning a text is found: what follows the beginning of each word, and each
    of its last ``letras``. In scripts that are not plain letters, where words are not always told
    apart, every letter begins one."""
    texto = llano(texto)[:MAXIMO]
    comienzos = {hallada.start() for hallada in _PALABRA.finditer(texto)}
    comienzos.update(range(max(0, len(texto) - letras), len(texto) - MINIMO + 1))
    if not texto.isascii():
        comienzos.update(n for n, letra in enumerate(texto) if not letra.isascii())
    return {texto[n : n + ANCHO] for n in comienzos if texto[n] != " "}
