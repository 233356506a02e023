"""Admin pages of commissions: a module or a folder per wing, with its name."""

from comisiones.admin import (
    ajustes,
    comision,
    correos,
    decisiones,
    fichas,
    ficheros,
    libro,
    liquidaciones,
    pagos,
    reglas,
    reportes,
    retenciones,
    revision,
    simulaciones,
)

__all__ = [
    "ajustes",
    "comision",
    "correos",
    "decisiones",
    "fichas",
    "ficheros",
    "libro",
    "liquidaciones",
    "pagos",
    "reglas",
    "reportes",
    "retenciones",
    "revision",
    "simulaciones",
]
