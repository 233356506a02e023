"""Secrets and signatures of the Standard Webhooks specification (v1: HMAC-SHA256)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

_PREFIJO = "whsec_"
_BYTES = 32


def nuevo_secreto() -> str:
    """``whsec_`` and 32 random bytes in Base64."""
    return _PREFIJO + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def firmar(secretos: Iterable[str], identificador: str, instante: int, cuerpo: bytes) -> str:
    """The header ``webhook-signature``: one signature for each secret, with a space between."""
    mensaje = f"{identificador}.{instante}.".encode() + cuerpo
    return " ".join(
        "v1," + base64.b64encode(hmac.digest(_clave(s), mensaje, hashlib.sha256)).decode()
        for s in secretos
    )


def _clave(secreto: str) -> bytes:
    return base64.b64decode(secreto.removeprefix(_PREFIJO), validate=True)
