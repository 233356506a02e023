"""System checks: without them the site does not start."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import Error, register

ETIQUETA = "alpespartner"
_MINIMO = 32
_DISTINTOS = 10
# As documents and examples write it.
_DE_EJEMPLO = (
    "insecure",
    "changeme",
    "change-me",
    "change_me",
    "secret",
    "example",
    "cambia",
    "ejemplo",
)


def _debil(clave: str) -> bool:
    return (
        len(clave) < _MINIMO
        or len(set(clave)) < _DISTINTOS
        or any(palabra in clave.lower() for palabra in _DE_EJEMPLO)
    )


@register(ETIQUETA)
def clave_secreta(**_datos: Any) -> list[Error]:
    """Sessions, and bank data without a key of their own, are as safe as ``SECRET_KEY``."""
    if settings.DEMO or not _debil(settings.SECRET_KEY):
        return []
    return [
        Error(
            "SECRET_KEY es débil o de ejemplo: pon en .env una al azar de 50 caracteres o más.",
            id="alpespartner.E001",
        )
    ]
