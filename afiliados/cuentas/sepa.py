"""What the SEPA area is, and how text is written for its banks."""

from __future__ import annotations

import string
import unicodedata
from typing import Final

# Countries of an IBAN inside the geographical scope of the SEPA schemes: the list EPC409-09 of the
# European Payments Council, as of 2026 (Albania, Moldova, Montenegro and North Macedonia since
# October 2025, Serbia since May 2026).
PAISES: Final = frozenset({
    "AD", "AL", "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GI",
    "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MC", "MD", "ME", "MK", "MT", "NL",
    "NO", "PL", "PT", "RO", "RS", "SE", "SI", "SK", "SM", "VA",
})  # fmt: skip
# Territories whose banks use the IBAN of a country, by the country of their BIC: EPC409-09 and the
# IBAN registry of ISO 13616. Those of the second group are not in the area.
_DENTRO: Final = {
    "AX": "FI", "BL": "FR", "GF": "FR", "GG": "GB", "GP": "FR", "IM": "GB", "JE": "GB",
    "MF": "FR", "MQ": "FR", "PM": "FR", "RE": "FR", "YT": "FR",
}  # fmt: skip
_FUERA: Final = {"NC": "FR", "PF": "FR", "TF": "FR", "WF": "FR"}
_TERRITORIOS: Final = _DENTRO | _FUERA

# The only characters that every bank of the area takes (EPC217-08).
ADMITIDOS: Final = frozenset(string.ascii_letters + string.digits + "/-?:().,'+ ")
MAX_NOMBRE: Final = 70
# What replaces the rest, after EPC217-08: a letter keeps being a letter, and what has no likeness
# becomes a full stop. Accented letters are taken apart by Unicode itself.
_SIGNOS: Final = {
    "&": "+", "_": "-", "~": "-", ";": ",", '"': "'", "`": "'", "[": "(", "{": "(", "]": ")",
    "}": ")", "\\": "/", "|": "/", "¿": "?", "€": "E", "\u2018": "'", "\u2019": "'",
    "\u201c": "'", "\u201d": "'", "«": "'", "»": "'", "\u2010": "-", "\u2011": "-",
    "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2044": "/", "Æ": "A", "æ": "a", "Œ": "O",
    "œ": "o", "Ø": "O", "ø": "o", "ß": "s", "ẞ": "S", "Ð": "D", "ð": "d", "Đ": "D", "đ": "d",
    "Þ": "T", "þ": "t", "Ħ": "H", "ħ": "h", "ı": "i", "Ĳ": "I", "ĳ": "i", "Ł": "L", "ł": "l",
    "Ŋ": "N", "ŋ": "n", "Ŧ": "T", "ŧ": "t", "ĸ": "k", "ª": ".", "º": ".",
}  # fmt: skip
_GRIEGO: Final = {
    "Α": "A", "Β": "V", "Γ": "G", "Δ": "D", "Ε": "E", "Ζ": "Z", "Η": "I", "Θ": "TH", "Ι": "I",
    "Κ": "K", "Λ": "L", "Μ": "M", "Ν": "N", "Ξ": "X", "Ο": "O", "Π": "P", "Ρ": "R", "Σ": "S",
    "Τ": "T", "Υ": "Y", "Φ": "F", "Χ": "CH", "Ψ": "PS", "Ω": "O", "ς": "s",
}  # fmt: skip
_CIRILICO: Final = {
    "А": "A", "Б": "B", "В": "V", "Г": "G", "Д": "D", "Е": "E", "Ж": "ZH", "З": "Z", "И": "I",
    "Й": "Y", "К": "K", "Л": "L", "М": "M", "Н": "N", "О": "O", "П": "P", "Р": "R", "С": "S",
    "Т": "T", "У": "U", "Ф": "F", "Х": "H", "Ц": "TS", "Ч": "CH", "Ш": "SH", "Щ": "SHT", "Ъ": "A",
    "Ь": "Y", "Ю": "YU", "Я": "YA", "Ы": "Y", "Э": "E", "Ё": "E", "І": "I", "Ї": "YI", "Є": "YE",
    "Ґ": "G", "Ј": "J", "Љ": "LJ", "Њ": "NJ", "Ћ": "C", "Џ": "DZ", "Ђ": "DJ", "Ѓ": "G", "Ќ": "K",
    "Ѕ": "DZ", "Ў": "U",
}  # fmt: skip
_LETRAS: Final = _GRIEGO | _CIRILICO
_TABLA: Final = _SIGNOS | _LETRAS | {c.lower(): t.lower() for c, t in _LETRAS.items()}


def en_zona(pais: str, bic: str = "") -> bool:
    """Whether an account is in the SEPA area: the country of its IBAN and, if its BIC is known, the
    territory of its bank."""
    return pais in PAISES and bic[4:6] not in _FUERA


def puede_ser_de(bic: str, pais: str) -> bool:
    """Whether a bank with that country in its BIC may have accounts with an IBAN of ``pais``.

    Territories share the IBAN of their country, and banks of the area work all over it.
    """
    suyo = bic[4:6]
    if pais in (suyo, _TERRITORIOS.get(suyo)):
        return True
    return pais in PAISES and (suyo in PAISES or suyo in _DENTRO)


def texto_sepa(texto: str, maximo: int) -> str:
    """``texto`` in the characters that banks take, at most ``maximo`` of them."""
    escrito = "".join(map(_caracter, unicodedata.normalize("NFC", texto)))
    return " ".join(escrito.split())[:maximo].strip()


def _caracter(caracter: str) -> str:
    if caracter in ADMITIDOS:
        return caracter
    if caracter in _TABLA:
        return _TABLA[caracter]
    if caracter.isspace():
        return " "
    partes = unicodedata.normalize("NFKD", caracter)
    if partes != caracter:
        return "".join(map(_caracter, partes))
    # Accents that were taken apart, and marks that are not seen.
    return "" if unicodedata.category(caracter) in ("Mn", "Me", "Cf") else "."


def nombre_sepa(titular: str) -> str:
    """A holder's name for a file; "" when no letter or digit of it can be written."""
    nombre = texto_sepa(titular, MAX_NOMBRE)
    return nombre if any(c.isalnum() for c in nombre) else ""
