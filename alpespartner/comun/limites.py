"""Limits in money as the environment writes them. It knows no Django: the settings use it."""

from __future__ import annotations

from decimal import Decimal

Limites = dict[str, Decimal] | None


def por_moneda(texto: str) -> Limites:
    """Amounts by currency, as ``USD 500, COP 2000000``; None, which is no limit at all, of ``*``.

    Raises ValueError or InvalidOperation.
    """
    if texto == "*":
        return None
    partes = (parte.split() for parte in texto.split(",") if parte.strip())
    return {moneda.upper(): Decimal(importe) for moneda, importe in partes}


def por_moneda_y_puntos(texto: str) -> Limites:
    """Percent points, under ``%``, and amounts by currency, as ``10 %, USD 50``; None of ``*``.

    Raises ValueError or InvalidOperation.
    """
    if texto == "*":
        return None
    limites = {}
    for parte in texto.split(","):
        uno, otro = parte.split()
        que, cuanto = (otro, uno) if otro == "%" else (uno.upper(), otro)
        limites[que] = Decimal(cuanto)
    return limites
