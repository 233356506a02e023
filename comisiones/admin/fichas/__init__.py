"""What pages of affiliates and campaigns show of their money."""

from comisiones.admin.fichas import afiliado, campana

__all__ = ["afiliado", "campana"]
