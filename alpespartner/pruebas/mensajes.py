"""What the live site orders the sandbox: a signed text that soon is worth nothing."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing

from alpespartner.pruebas.errores import MensajeInvalido

_SAL = "alpespartner.pruebas"
# Seconds for which one is taken.
VALE = 30


@dataclass(frozen=True, slots=True)
class Mensaje:
    """An order with its data; ``id`` is of this one alone, by which a repetition is known."""

    id: str
    orden: str
    datos: dict[str, Any]


def firmar(orden: str, datos: dict[str, Any]) -> str:
    """The text of a new message."""
    cuerpo = {"id": secrets.token_hex(16), "orden": orden, "datos": datos}
    return signing.dumps(cuerpo, key=settings.PRUEBAS_LLAVE, salt=_SAL)


def abrir(texto: str) -> Mensaje:
    """The message of a text; raises :class:`MensajeInvalido` when nobody of ours just wrote it."""
    try:
        cuerpo = signing.loads(texto, key=settings.PRUEBAS_LLAVE, salt=_SAL, max_age=VALE)
        return Mensaje(cuerpo["id"], cuerpo["orden"], cuerpo["datos"])
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        raise MensajeInvalido() from None
