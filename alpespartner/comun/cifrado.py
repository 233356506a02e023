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


def _fernet(uso: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_clave(settings.CLAVE_DATOS, uso)))


def cifrar(texto: str, uso: str = "cifrado") -> str:
    """Encrypt and authenticate a text; each time it comes out different.

    Each ``uso`` has a key of its own: what is made for one is nothing for another.
    """
    return _fernet(uso).encrypt(texto.encode()).decode()


def descifrar(cifrado: str, uso: str = "cifrado") -> str:
    """The text; raises ``cryptography.fernet.InvalidToken`` when it was not made with our key."""
    return _fernet(uso).decrypt(cifrado.encode()).decode()


def huella(*partes: str) -> str:
    """Keyed digest: equal for equal parts, and says nothing of them to who lacks the key."""
    mensaje = "\0".join(partes).encode()
    return hmac.new(_clave(settings.CLAVE_DATOS, "huella"), mensaje, hashlib.sha256).hexdigest()
