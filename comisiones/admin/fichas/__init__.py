"""What pages of affiliates and campaigns show of their money."""

from comisiones.admin.fichas import afiliado, campana, condiciones

__all__ = ["afiliado", "campana", "condiciones"]
