"""Text that people write or paste."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from alpespartner.comun.errores import DatoInvalido, FaltaMotivo

MAX_MOTIVO = 500

# What shows nothing though Unicode does not call it a format character: joiners of graphemes,
# fillers, and the selectors of a variant. It comes along when somebody copies a name.
_INVISIBLES = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def normalizar(texto: str) -> str:
    """The one form of a name: a reference, a coupon, an e-mail, the code of a link, an id.

    Two that look the same are the same: composed (NFC), without what shows nothing, every blank a
    plain one and none around. What no name has, such as NUL, stays to be refused.
    """
    if texto.isascii() and texto.isprintable():
        return texto.strip()
    visible = "".join(
        " " if letra.isspace() else letra
        for letra in _INVISIBLES.sub("", texto)
        if unicodedata.category(letra) != "Cf"
    )
    return unicodedata.normalize("NFC", visible).strip()


def normalizar_cupon(texto: str) -> str:
    """The form of a coupon, which people type in any case."""
    # Some capitals come out decomposed.
    return normalizar(normalizar(texto).upper())


def exigir_largo(texto: str, maximo: int, campo: str) -> str:
    """A name in its form, if its column holds it; raises :class:`DatoInvalido`."""
    if len(texto) > maximo:
        raise DatoInvalido(_("Admite hasta %(n)s caracteres.") % {"n": maximo}, campo=campo)
    return texto


_INSTANTE = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?([Zz]|[+-]\d\d:?\d\d)", re.ASCII
)
_ENTERO = re.compile(r"\d{1,19}", re.ASCII)


def instante(texto: object) -> datetime:
    """The instant, in UTC, of an ISO 8601 date and time with its zone.

    Raises ValueError for anything else, so for a time of nobody knows where, and OverflowError
    for one that does not exist in UTC.
    """
    if isinstance(texto, datetime):
        if texto.utcoffset() is None:
            raise ValueError("sin zona")
        return texto.astimezone(UTC)
    if not isinstance(texto, str) or not _INSTANTE.fullmatch(texto):
        raise ValueError("no es un instante")
    return datetime.fromisoformat(texto.upper()).astimezone(UTC)


def entero(texto: str) -> int | None:
    """A whole number from 0 in plain digits that a column holds; None for any other text, such as
    ``٣``, ``+3`` or twenty nines."""
    numero = int(texto) if _ENTERO.fullmatch(texto) else None
    return None if numero is None or numero >= 2**63 else numero


def cifras_llanas(texto: str) -> bool:
    """Whether the digits of a text are those from 0 to 9: Python reads those of any script."""
    return texto.isascii() or not any(c.isdigit() and not c.isascii() for c in texto)


def exigir_motivo(motivo: str) -> str:
    """The reason without surrounding blanks; raises :class:`DatoInvalido` when it is not one."""
    motivo = motivo.strip()
    if not motivo:
        raise FaltaMotivo()
    if len(motivo) > MAX_MOTIVO:
        raise DatoInvalido(
            _("El motivo admite hasta %(n)s caracteres.") % {"n": MAX_MOTIVO}, campo="motivo"
        )
    return motivo
