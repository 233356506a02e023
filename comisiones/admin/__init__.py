"""Admin pages of commissions, rules, ledger and payments."""

from comisiones.admin import ajustes, comision, libro, pagos, reglas, simulaciones

__all__ = ["ajustes", "comision", "libro", "pagos", "reglas", "simulaciones"]
