"""The least that an affiliate is paid."""

from __future__ import annotations

from decimal import Decimal


def alcanza_minimo(
    bruto: Decimal, moneda: str, *, minimo: Decimal | None, moneda_minimo: str
) -> bool:
    """Whether what somebody is owed in ``moneda`` reaches its minimum, in ``moneda_minimo``.

    It is of what was earned, net of adjustments and gross of withholding: what is withheld was
    earned, too. A minimum in another currency says nothing about this one.
    """
    return not minimo or moneda_minimo != moneda or bruto >= minimo
