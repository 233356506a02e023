"""Data that is unreadable at rest: what a leaked database must not give away."""

from __future__ import annotations

import base64
import hashlib
import hmac
from functools import cache

from cryptography.fernet import Fernet
from django.conf import settings


@cache
def _clave(secreto: str, uso: str) -> bytes:
    return hmac.digest(secreto.encode(), f"alpespartner.{uso}".encode(), hashlib.sha256)


def _fernet() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_clave(settings.CLAVE_DATOS, "cifrado")))


def cifrar(texto: str) -> str:
    """Encrypt and authenticate a text; each time it comes out different."""
    return _fernet().encrypt(texto.encode()).decode()


def descifrar(cifrado: str) -> str:
    """The text; raises ``cryptography.fernet.InvalidToken`` when it was not made with our key."""
    return _fernet().decrypt(cifrado.encode()).decode()


def huella(*partes: str) -> str:
    """Keyed digest: equal for equal parts, and says nothing of them to who lacks the key."""
    mensaje = "\0".join(partes).encode()
    return hmac.new(_clave(settings.CLAVE_DATOS, "huella"), mensaje, hashlib.sha256).hexdigest()
