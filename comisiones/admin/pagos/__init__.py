"""Pages of payments."""

from comisiones.admin.pagos import avisos, extractos, lotes, pago

__all__ = ["avisos", "extractos", "lotes", "pago"]
