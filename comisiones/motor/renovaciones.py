"""Renewals: what a customer's sales earn after its first one.

A renewal earns while it occurs before the first sale plus ``duracion_meses`` (the same instant of
that month, or of its last day; 0 months: only the first sale earns) and while fewer than
``max_pagos`` sales of the customer have earned. A first sale that was refused for fraud ends them.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime
from typing import Generic, TypeVar

from comisiones.motor.tipos import Paso, Renovacion, Terminos

V = TypeVar("V")


def limite(primera_en: datetime, meses: int) -> datetime:
    """The first instant that is out, in UTC: 31 January and a month give the last of February."""
    inicio = primera_en.astimezone(UTC)
    anos, mes = divmod(inicio.month - 1 + meses, 12)
    ano = inicio.year + anos
    if ano > MAXYEAR:
        return datetime.max.replace(tzinfo=UTC)
    dia = min(inicio.day, monthrange(ano, mes + 1)[1])
    return inicio.replace(year=ano, month=mes + 1, day=dia)


def juzgar(terminos: Terminos, ocurrida_en: datetime, renovacion: Renovacion) -> tuple[bool, Paso]:
    """Whether a renewal earns under terms that limit them, and the step that tells why."""
    primera = renovacion.primera_en.astimezone(UTC).isoformat()
    meses, maximo = terminos.duracion_meses, terminos.max_pagos
    if renovacion.fraude:
        return False, Paso("renovacion_fraude", (("primera", primera),))
    if meses is not None:
        hasta = limite(renovacion.primera_en, meses)
        if ocurrida_en >= hasta:
            datos = (("meses", str(meses)), ("primera", primera), ("hasta", hasta.isoformat()))
            return False, Paso("renovacion_vencida", datos)
    if maximo is not None and renovacion.pagos >= maximo:
        return False, Paso("renovacion_agotada", (("maximo", str(maximo)),))
    return True, Paso(
        "renovacion",
        (
            ("primera", primera),
            ("meses", "" if meses is None else str(meses)),
            ("venta", str(renovacion.pagos + 1)),
            ("maximo", "" if maximo is None else str(maximo)),
        ),
    )


@dataclass(frozen=True, slots=True)
class VentaDeCliente(Generic[V]):
    """A sale of a customer that was not refused, or was for ``fraude``. ``cuenta``: it is among
    those that may earn; one that was given back whole, or of which nothing is paid, is not."""

    venta: V
    ocurrida_en: datetime
    fraude: bool = False
    cuenta: bool = True


def en_su_sitio(
    ventas: Iterable[VentaDeCliente[V]], gana: Callable[[V, Renovacion | None], bool]
) -> list[tuple[V, Renovacion | None]]:
    """What each sale of a customer is, in order of occurrence, whatever the order in which they
    came: None for the first. ``gana`` says whether one earns as what it is."""
    primera: VentaDeCliente[V] | None = None
    pagos = 0
    salida: list[tuple[V, Renovacion | None]] = []
    for venta in ventas:
        suya = None
        if primera is None:
            primera = venta
        else:
            suya = Renovacion(primera.ocurrida_en, primera.fraude, pagos)
        salida.append((venta.venta, suya))
        if venta.cuenta and not venta.fraude and gana(venta.venta, suya):
            pagos += 1
    return salida
