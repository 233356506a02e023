"""What budgets say against what their commissions add up to, added here one by one."""

from __future__ import annotations

from decimal import Decimal

from comisiones.comision.models import Comision
from conversiones.campanas.models import Campana, PresupuestoCampana

_NO_CUENTAN = {"presupuesto_agotado", "sin_regla", "fuera_de_rango", "lineas_sin_precio",
               "lineas_en_escalas"}  # fmt: skip


def gastado(campana: Campana) -> Decimal:
    """What a campaign has spent, as its budget has it."""
    return PresupuestoCampana.objects.get(campana=campana).gastado


def sumado(campana: Campana) -> Decimal:
    """What it has spent, as its commissions say."""
    suma = Decimal(0)
    for comision in Comision.objects.filter(campana=campana, moneda=campana.moneda):
        if comision.estado not in ("rechazada", "anulada"):
            suma += 0 if comision.motivo_retencion in _NO_CUENTAN else comision.monto
        suma -= sum(r.monto for r in comision.reversos.exclude(ajuste=None))
    return suma


def cuadran() -> list[str]:
    """Those that do not agree, of the budgets that somebody has counted."""
    return [
        f"{fila.campana}: {fila.gastado}, y son {sumado(fila.campana)}"
        for fila in PresupuestoCampana.objects.select_related("campana")
        # While there is none nobody counts.
        if fila.campana.presupuesto is not None
        and fila.contado_desde == fila.campana.presupuesto_desde
        and fila.gastado != sumado(fila.campana)
    ]
