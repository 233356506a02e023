"""Pages of campaigns, links, sales and refunds."""

from conversiones.admin import (
    campanas,
    devoluciones,
    enlaces,
    filas_importadas,
    importaciones,
    ventas,
)

__all__ = ["campanas", "devoluciones", "enlaces", "filas_importadas", "importaciones", "ventas"]
