"""Pages of campaigns, links, sales and refunds."""

from conversiones.admin import (
    campanas,
    clientes,
    devoluciones,
    enlaces,
    filas_importadas,
    importaciones,
    ventas,
)

__all__ = [
    "campanas",
    "clientes",
    "devoluciones",
    "enlaces",
    "filas_importadas",
    "importaciones",
    "ventas",
]
