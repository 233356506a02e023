"""How long approvals take: whole hours that went by, and whole days from two on.

So there are few different ones, and how many there are of each can be added up. Rounding keeps
their order, so a median or a percentile of them is that of the exact ones, rounded the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

_DIA = 24
# Nobody waits for a decision for longer than a century.
_MAYOR = 100 * 366 * _DIA


def plazo(desde: datetime, hasta: datetime) -> int:
    """Hours from an instant to another: 0 if the second is not after the first."""
    horas = max(0, min(_MAYOR, int((hasta - desde).total_seconds() // 3600)))
    return horas if horas < 2 * _DIA else horas // _DIA * _DIA


def escritos(plazos: Mapping[int, int]) -> str:
    """How many there are of each as a text, always the same: ``3,2,48,1`` are two of three hours
    and one of two days."""
    return ",".join(f"{horas},{n}" for horas, n in sorted(plazos.items()) if n)


def leidos(textos: Iterable[str]) -> dict[int, int]:
    """What several of those texts say together."""
    plazos: dict[int, int] = {}
    for texto in filter(None, textos):
        numeros = map(int, texto.split(","))
        suyos = dict(zip(numeros, numeros, strict=True))
        if plazos:
            juntar(plazos, suyos)
        else:
            plazos = suyos
    return plazos


def juntar(plazos: dict[int, int], otros: Mapping[int, int], signo: int = 1) -> None:
    """Add others to some, or take them off (``signo`` -1)."""
    for horas, cuantas in otros.items():
        plazos[horas] = plazos.get(horas, 0) + signo * cuantas


def percentil(plazos: Mapping[int, int], por_ciento: int) -> int | None:
    """The one of the nearest rank: the least that ``por_ciento`` of them, or more, do not pass.
    ``plazos`` says how many there are of each; None of none."""
    total = sum(plazos.values())
    faltan = -(-total * por_ciento // 100)
    for horas, cuantas in sorted(plazos.items()):
        faltan -= cuantas
        if faltan <= 0 < total:
            return horas
    return None
