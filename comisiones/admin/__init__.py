"""Admin pages of commissions, rules, ledger and payments."""

from comisiones.admin import comision, libro, pagos, reglas

__all__ = ["comision", "libro", "pagos", "reglas"]
