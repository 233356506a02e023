"""Pages of campaigns, links, sales and refunds."""

from conversiones.admin import (
    campanas,
    clientes,
    devoluciones,
    enlaces,
    filas_importadas,
    importaciones,
    inscripciones,
    ventas,
)

__all__ = [
    "campanas",
    "clientes",
    "devoluciones",
    "enlaces",
    "filas_importadas",
    "importaciones",
    "inscripciones",
    "ventas",
]
