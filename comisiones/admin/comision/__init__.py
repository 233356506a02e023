"""Pages of commissions."""

from comisiones.admin.comision import pagina

__all__ = ["pagina"]
