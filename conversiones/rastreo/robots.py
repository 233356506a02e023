"""What is no click, as the headers of a request tell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from crawleruseragents import is_crawler

from conversiones.rastreo.models import Causa

# Instagram on a Pixel names its maker and its brand so: it is a person.
_DE_PERSONA = re.compile(r"\bInstagram [0-9.]+ Android \([^)]*\)")
_POR_ADELANTADO = {
    "HTTP_SEC_PURPOSE": "prefetch",
    "HTTP_PURPOSE": "prefetch",
    "HTTP_X_PURPOSE": "pre",
    "HTTP_X_MOZ": "prefetch",
}


@lru_cache(maxsize=8192)
def es_robot(agente: str) -> bool:
    """Whether a user agent is one of ``crawler-user-agents``."""
    # One out of thousands has blanks and words of any length: as many as matter are looked at.
    return bool(is_crawler(_DE_PERSONA.sub("", agente)))


def causa_de(cabeceras: Mapping[str, str]) -> Causa | None:
    """Why a request is no click; None for one that is. ``cabeceras`` as WSGI names them."""
    agente = cabeceras.get("HTTP_USER_AGENT", "").strip()
    if not agente:
        return Causa.SIN_AGENTE
    for nombre, dice in _POR_ADELANTADO.items():
        if dice in cabeceras.get(nombre, "").lower():
            return Causa.PREFETCH
    return Causa.ROBOT if es_robot(agente[:512]) else None
