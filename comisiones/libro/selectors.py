"""Reads of the ledger."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Sum

from afiliados.models import Afiliado
from alpespartner.comun.dinero import CERO, cuantizar
from comisiones.libro.models import Apunte, Cuenta


def saldos(afiliado: Afiliado) -> dict[str, Decimal]:
    """What we owe an affiliate, by currency: positive is in its favour."""
    filas = (
        Apunte.objects.filter(afiliado=afiliado, cuenta=Cuenta.POR_PAGAR)
        .values("moneda")
        .annotate(suma=Sum("importe"))
        .order_by("moneda")
    )
    # SQLite adds decimals as binary fractions: the sum is right to the unit, not beyond.
    return {f["moneda"]: cuantizar(-f["suma"], f["moneda"]) + CERO for f in filas}
