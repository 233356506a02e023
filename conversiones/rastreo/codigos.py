"""Codes of links and coupons as they are kept, however somebody types or pastes them."""

from __future__ import annotations

import re
import secrets

from django.utils.translation import gettext as _

from alpespartner.comun.errores import DatoInvalido
from alpespartner.comun.textos import normalizar, normalizar_cupon

MAX_ENLACE = 64
MAX_CUPON = 32
PATRON_ENLACE = r"[a-z0-9][a-z0-9_-]{1,62}[a-z0-9]"
PATRON_CUPON = r"[A-Z0-9_-]{3,32}"
_ENLACE = re.compile(PATRON_ENLACE, re.ASCII)
_CUPON = re.compile(PATRON_CUPON, re.ASCII)
# What a sentence leaves behind an address, and quotes or brackets around it.
_SUELTO = re.compile(r"^[^0-9a-z]+|[^0-9a-z]+$", re.ASCII)
# Without those that look like another.
_LETRAS = "23456789abcdefghjkmnpqrstuvwxyz"


def codigo_buscado(texto: str) -> str:
    """The code of a link as it is looked up: in small letters, without blanks or punctuation
    around it. A code begins and ends with a letter or a digit, so that finds no other."""
    return _SUELTO.sub("", normalizar(texto[:200]).lower())


def exigir_codigo(texto: str) -> str:
    """The code of a new link; raises :class:`DatoInvalido`."""
    codigo = normalizar(texto).lower()
    if not _ENLACE.fullmatch(codigo):
        raise DatoInvalido(
            _(
                "Un código tiene de 3 a 64 letras sin acento, cifras, guiones o guiones bajos, y "
                "empieza y termina con letra o cifra."
            ),
            campo="codigo",
        )
    return codigo


def nuevo_codigo() -> str:
    """A code of nobody's choice: 31^9, which nobody guesses by trying."""
    return "".join(secrets.choice(_LETRAS) for _letra in range(9))


def exigir_cupon(texto: str) -> str:
    """A coupon as it is kept, in capitals; raises :class:`DatoInvalido`."""
    codigo = normalizar_cupon(texto)
    if not _CUPON.fullmatch(codigo):
        raise DatoInvalido(
            _("Un cupón tiene de 3 a 32 letras sin acento, cifras, guiones o guiones bajos."),
            campo="codigo",
        )
    return codigo
