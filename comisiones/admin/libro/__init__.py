"""Pages of the ledger."""

from comisiones.admin.libro import paginas

__all__ = ["paginas"]
