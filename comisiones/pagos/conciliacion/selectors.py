"""Reads for the reconciliation: what is expected of each gateway, and where the money is."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Min, Sum
from django.utils import timezone

from alpespartner.comun.dinero import CERO, visible
from comisiones.libro.models import Cuenta
from comisiones.libro.selectors import saldos_de_cuentas
from comisiones.pagos.estados import PAGO_EN_CURSO, EstadoPago
from comisiones.pagos.models import Pago

# Banks answer within days; what is older is looked into.
TARDE = timedelta(days=3)
# In the order of Posicion.
_CUENTAS = (Cuenta.POR_PAGAR, Cuenta.COMPENSACION, Cuenta.BANCO, Cuenta.RETENCION)


@dataclass(frozen=True, slots=True)
class Esperado:
    """``n`` payments of ``importe`` in ``moneda`` that a gateway has not answered for."""

    pasarela: str
    estado: str
    etiqueta: str
    moneda: str
    n: int
    importe: Decimal
    desde: datetime
    tarde: bool


@dataclass(frozen=True, slots=True)
class Posicion:
    """Money of one currency: owed to affiliates, on its way to them, gone from the bank, and
    withheld, which is owed to the tax office."""

    moneda: str
    debido: Decimal
    en_curso: Decimal
    salido: Decimal
    retenido: Decimal


def esperado() -> list[Esperado]:
    """What was sent and has no answer yet, by gateway, state and currency, the oldest first."""
    limite = timezone.now() - TARDE
    filas = (
        Pago.objects.filter(estado__in=PAGO_EN_CURSO)
        .values("pasarela", "estado", "moneda")
        .annotate(n=Count("id"), suma=Sum("importe"), desde=Min("actualizado_en"))
        .order_by()
    )
    return [
        Esperado(
            pasarela=f["pasarela"],
            estado=f["estado"],
            etiqueta=str(dict(EstadoPago.choices)[f["estado"]]),
            moneda=f["moneda"],
            n=f["n"],
            importe=visible(f["suma"], f["moneda"]),
            desde=f["desde"],
            tarde=f["desde"] < limite,
        )
        for f in sorted(filas, key=lambda fila: fila["desde"])
    ]


def posicion() -> list[Posicion]:
    """Of each currency, from the ledger."""
    cuentas: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: CERO))
    for (cuenta, moneda), importe in saldos_de_cuentas().items():
        if cuenta in _CUENTAS:
            cuentas[moneda][cuenta] = -importe + CERO
    return [
        Posicion(moneda, *(de[cuenta] for cuenta in _CUENTAS))
        for moneda, de in sorted(cuentas.items())
    ]
