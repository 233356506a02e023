"""Pages of backtests."""

from comisiones.admin.simulaciones import pagina

__all__ = ["pagina"]
