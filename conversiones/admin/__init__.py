"""Pages of campaigns, sales and refunds."""

from conversiones.admin import campanas, devoluciones, ventas

__all__ = ["campanas", "devoluciones", "ventas"]
