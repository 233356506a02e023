"""Admin pages of commissions, rules, ledger and payments."""

from comisiones.admin import (
    ajustes,
    aprobacion,
    avisos,
    comision,
    extractos,
    libro,
    liquidaciones,
    lotes,
    pagos,
    reglas,
    retenciones,
    simulaciones,
)

__all__ = [
    "ajustes",
    "aprobacion",
    "avisos",
    "comision",
    "extractos",
    "libro",
    "liquidaciones",
    "lotes",
    "pagos",
    "reglas",
    "retenciones",
    "simulaciones",
]
