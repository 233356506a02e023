"""The secret that an application is given, before it is anybody's factor.

It travels in the page's own form, signed for one account and for a while: looking at the page keeps
nothing, and nobody chooses the secret of another.
"""

from __future__ import annotations

import base64
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.contrib.auth.models import User
from django.core import signing

_SAL = "alpespartner.inscripcion"
_SEGUNDOS = 30 * 60


def ficha_nueva(usuario: User) -> str:
    """A new secret, signed for an account."""
    return signing.dumps([usuario.pk, generate_totp_secret()], salt=_SAL)


def leer_ficha(usuario: User, ficha: str) -> str | None:
    """The secret; None when it is not of that account, or too old."""
    try:
        pk, secreto = signing.loads(ficha, salt=_SAL, max_age=_SEGUNDOS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return str(secreto) if pk == usuario.pk else None


def para_inscribir(usuario: User, ficha: str) -> dict[str, Any]:
    """What the page shows of a secret: a picture for the application's camera, and its letters."""
    secreto = leer_ficha(usuario, ficha)
    if secreto is None:
        return {"caducada": True}
    adaptador = get_adapter()
    enlace = adaptador.build_totp_url(usuario, secreto)
    dibujo = adaptador.build_totp_svg(enlace)
    return {
        "enlace": enlace,
        "dibujo": "data:image/svg+xml;base64," + base64.b64encode(dibujo.encode()).decode(),
        "secreto": " ".join(secreto[i : i + 4] for i in range(0, len(secreto), 4)),
    }
