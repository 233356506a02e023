"""The frame of a chart of amounts, its lines as points of an SVG, and its bars."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from alpespartner.comun.dinero import CERO
from alpespartner.comun.formato import con_moneda

_ANCHO, _ALTO, _MARGEN = 560, 220, 10
_PIE = 26


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


@dataclass(frozen=True, slots=True)
class Serie:
    """Amounts of one kind, one for each group of bars; ``clase`` is how its bars look."""

    clase: str
    titulo: str
    valores: Sequence[Decimal]


def barras(
    series: Sequence[Serie],
    grupos: Sequence[tuple[str, str]],
    moneda: str,
    decir: Callable[[Decimal, str], str] = con_moneda,
) -> dict[str, Any] | None:
    """Bars side by side in groups, each with its short and its long name; those under zero hang
    from its line. ``decir`` tells an amount in words. None when there is nothing to draw."""
    todos = [valor for serie in series for valor in serie.valores]
    techo, fondo = max([CERO, *todos]), min([CERO, *todos])
    if techo == fondo:
        return None
    alto = Decimal(_ALTO - _MARGEN - _PIE)
    escala = alto / (techo - fondo)
    cero = _MARGEN + techo * escala
    hueco = Decimal(_ANCHO - 2 * _MARGEN) / len(grupos)
    ancho = hueco * Decimal("0.8") / len(series)
    dibujadas = []
    for n, (_corto, largo) in enumerate(grupos):
        for m, serie in enumerate(series):
            valor = serie.valores[n]
            if valor:
                # A small one is still seen.
                mide = max(abs(valor) * escala, Decimal("1.5"))
                dibujadas.append({
                    "clase": serie.clase,
                    "x": f"{_MARGEN + hueco * n + hueco / 10 + ancho * m:.1f}",
                    "y": f"{cero - mide if valor > 0 else cero:.1f}",
                    "ancho": f"{ancho:.1f}",
                    "alto": f"{mide:.1f}",
                    "titulo": f"{largo} · {serie.titulo}: {decir(valor, moneda)}",
                })  # fmt: skip
    return {
        **marco(techo, moneda),
        "techo": decir(techo, moneda),
        "cero": f"{cero:.1f}",
        "barras": dibujadas,
        "grupos": [
            {"x": f"{_MARGEN + hueco * n + hueco / 2:.1f}", "texto": corto}
            for n, (corto, _largo) in enumerate(grupos)
        ],
        "series": series,
    }
