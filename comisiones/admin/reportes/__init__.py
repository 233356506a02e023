"""Pages of the reports that are kept, and of what was sent of them."""

from comisiones.admin.reportes import envios, pagina

__all__ = ["envios", "pagina"]
