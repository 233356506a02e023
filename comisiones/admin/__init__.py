"""Admin pages of commissions, rules, ledger and payments."""

from comisiones.admin import ajustes, comision, libro, lotes, pagos, reglas, simulaciones

__all__ = ["ajustes", "comision", "libro", "lotes", "pagos", "reglas", "simulaciones"]
