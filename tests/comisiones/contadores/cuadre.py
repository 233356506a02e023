"""What the counters should say, counted row by row."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from comisiones.contadores.models import Contador
from comisiones.contadores.tablas import TABLAS

Cuadro = dict[tuple[Any, ...], tuple[int, Decimal]]


def de_las_filas() -> Cuadro:
    """Rows and sum of each table, cut, state and currency."""
    cuantas: Counter[tuple[Any, ...]] = Counter()
    sumas: dict[tuple[Any, ...], Decimal] = {}
    for tabla in TABLAS:
        for fila in tabla.modelo._default_manager.all():
            for corte, quien in (("", 0), ("campana", fila.campana_id),
                                 ("afiliado", fila.afiliado_id)):  # fmt: skip
                clave = (tabla.nombre, corte, quien, fila.estado, fila.moneda)
                cuantas[clave] += 1
                sumas[clave] = sumas.get(clave, Decimal(0)) + getattr(fila, tabla.importe)
    return {clave: (n, sumas[clave]) for clave, n in cuantas.items()}


def de_los_contadores() -> Cuadro:
    """The same, as the counters have it."""
    return {
        (c.de, c.corte, c.quien, c.estado, c.moneda): (c.cuantas, Decimal(c.importe) / 10_000)
        for c in Contador.objects.all()
        if c.cuantas or c.importe
    }


def cuadra() -> bool:
    """Whether they agree, and it is about something."""
    hay, dicen = de_las_filas(), de_los_contadores()
    assert hay
    assert dicen == hay
    return True
