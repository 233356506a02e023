"""Reads of the ledger."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Sum

from afiliados.models import Afiliado
from alpespartner.comun.dinero import cuantizar
from comisiones.libro.models import Apunte, Cuenta


def saldos(afiliado: Afiliado) -> dict[str, Decimal]:
    """What we owe an affiliate, by currency: positive is in its favour."""
    filas = (
        Apunte.objects.filter(afiliado=afiliado, cuenta=Cuenta.POR_PAGAR)
        .values("moneda")
        .annotate(suma=Sum("importe"))
        .order_by("moneda")
    )
    # SQLite adds in binary: a sum of exact amounts comes back a hair off.
    return {fila["moneda"]: cuantizar(-fila["suma"], fila["moneda"]) for fila in filas}
