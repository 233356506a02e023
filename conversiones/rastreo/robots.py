"""What is no click, as the headers of a request tell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from crawleruseragents import CRAWLER_USER_AGENTS_DATA

from conversiones.rastreo.models import Causa

# Instagram on a Pixel names its maker and its brand so: it is a person.
_DE_PERSONA = re.compile(r"\bInstagram [0-9.]+ Android \([^)]*\)")
_POR_ADELANTADO = {
    "HTTP_SEC_PURPOSE": "prefetch",
    "HTTP_PURPOSE": "prefetch",
    "HTTP_X_PURPOSE": "pre",
    "HTTP_X_MOZ": "prefetch",
}
_SIGNO = re.compile(r"\\([^0-9A-Za-z])")
_NO_ES_LLANO = re.compile(r"[\\^$.|?*+()\[\]{}]")


def _preparar(patrones: list[str]) -> tuple[tuple[str, ...], re.Pattern[str]]:
    """The patterns that are plain texts, and one of all the others.

    Nearly all of them are plain: looking for those as texts takes a thirtieth of what their
    expressions do, which matters for an agent that nobody has seen yet.
    """
    llanos = [p for p in patrones if not _NO_ES_LLANO.search(_SIGNO.sub("", p))]
    resto = [p for p in patrones if _NO_ES_LLANO.search(_SIGNO.sub("", p))]
    return tuple(_SIGNO.sub(r"\1", p) for p in llanos), re.compile("|".join(resto))


_TEXTOS, _EXPRESION = _preparar([una["pattern"] for una in CRAWLER_USER_AGENTS_DATA])


@lru_cache(maxsize=8192)
def es_robot(agente: str) -> bool:
    """Whether a user agent is one of ``crawler-user-agents``."""
    # One out of thousands has blanks and words of any length: as many as matter are looked at.
    agente = _DE_PERSONA.sub("", agente)
    return any(texto in agente for texto in _TEXTOS) or bool(_EXPRESION.search(agente))


def causa_de(cabeceras: Mapping[str, str]) -> Causa | None:
    """Why a request is no click; None for one that is. ``cabeceras`` as WSGI names them."""
    agente = cabeceras.get("HTTP_USER_AGENT", "").strip()
    if not agente:
        return Causa.SIN_AGENTE
    for nombre, dice in _POR_ADELANTADO.items():
        if dice in cabeceras.get(nombre, "").lower():
            return Causa.PREFETCH
    return Causa.ROBOT if es_robot(agente[:512]) else None
