"""Pages of campaigns, sales and refunds."""

from conversiones.admin import campanas, devoluciones, filas_importadas, importaciones, ventas

__all__ = ["campanas", "devoluciones", "filas_importadas", "importaciones", "ventas"]
