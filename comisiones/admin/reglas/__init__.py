"""Pages of rules."""

from comisiones.admin.reglas import pagina

__all__ = ["pagina"]
