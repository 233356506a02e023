"""The frame of a chart of amounts, and its lines as points of an SVG."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from alpespartner.comun.formato import con_moneda

_ANCHO, _ALTO, _MARGEN = 560, 220, 10


def marco(techo: Decimal, moneda: str) -> dict[str, Any]:
    """Sizes in the SVG's units, and the text of the amount at its top."""
    return {
        "ancho": _ANCHO,
        "alto": _ALTO,
        "margen": _MARGEN,
        "suelo": _ALTO - _MARGEN,
        "fin": _ANCHO - _MARGEN,
        "techo": con_moneda(techo, moneda),
    }


def trazo(puntos: Iterable[tuple[Decimal, Decimal]]) -> str:
    """``points`` of a polyline; each point as a part of the width and of the top, from 0 to 1."""
    ancho, alto = _ANCHO - 2 * _MARGEN, _ALTO - 2 * _MARGEN
    return " ".join(
        f"{_MARGEN + ancho * x:.1f},{_ALTO - _MARGEN - alto * y:.1f}" for x, y in puntos
    )
