"""What registering a sale, or taking it back, would do to commissions: it is done and undone, so
that the answer is the one that doing it gives.

Commissions are above sales: who calculates them says so here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.actores import Actor
from conversiones.ventas.a_mano import registrar_a_mano
from conversiones.ventas.asignacion import asignar_conversion
from conversiones.ventas.devoluciones import Devolucion, devolver, queda_de
from conversiones.ventas.models import Conversion
from conversiones.ventas.services import NuevaConversion


@dataclass(frozen=True, slots=True)
class Ganada:
    """A commission that a sale would earn; ``espera`` says why it would be held, "" when not."""

    afiliado: str
    nivel: int
    monto: Decimal
    moneda: str
    regla: str
    espera: str


@dataclass(frozen=True, slots=True)
class Quitada:
    """What a refund would take from a commission; ``descontada``: it is in a payment, and is taken
    from those to come."""

    comision: str
    afiliado: str
    estado: str
    quita: Decimal
    queda: Decimal
    moneda: str
    descontada: bool


@dataclass(frozen=True, slots=True)
class EnsayoDevolucion:
    """What a refund would take back, what would be left of the sale, and from which commissions."""

    monto: Decimal
    queda: Decimal
    moneda: str
    quitadas: list[Quitada]


@dataclass(frozen=True, slots=True)
class _QuienCalcula:
    ganar: Callable[[Conversion], list[Ganada]]
    quitar: Callable[[Conversion], list[Quitada]]


_QUIEN: list[_QuienCalcula] = []


def registrar_quien_calcula(
    ganar: Callable[[Conversion], list[Ganada]], quitar: Callable[[Conversion], list[Quitada]]
) -> None:
    """Say what calculates the commissions of a sale, and applies its refunds to them."""
    _QUIEN[:] = [_QuienCalcula(ganar, quitar)]


def ensayar_venta(*, datos: NuevaConversion, motivo: str, actor: Actor) -> list[Ganada]:
    """Commissions that a sale would earn, by level; nothing is written. Raises as
    :func:`registrar_a_mano`."""
    with transaction.atomic():
        conversion = registrar_a_mano(datos=datos, motivo=motivo, actor=actor)
        ganadas = [g for quien in _QUIEN for g in quien.ganar(conversion)]
        transaction.set_rollback(True)
    return ganadas


def ensayar_asignacion(
    *, conversion: Conversion, afiliado: Afiliado, motivo: str, actor: Actor
) -> list[Ganada]:
    """Commissions that a sale of nobody would earn if it were an affiliate's, by level; nothing is
    written. Raises as :func:`asignar_conversion`."""
    with transaction.atomic():
        suya = asignar_conversion(
            conversion=conversion, afiliado=afiliado, motivo=motivo, actor=actor
        )
        ganadas = [g for quien in _QUIEN for g in quien.ganar(suya)]
        transaction.set_rollback(True)
    return ganadas


def ensayar_devolucion(
    *, conversion: Conversion, datos: Devolucion, actor: Actor
) -> EnsayoDevolucion:
    """What a refund would take from the commissions of its sale; nothing is written. Raises as
    :func:`devolver`."""
    # One of its own, which is left as it was.
    suya = Conversion.objects.get(pk=conversion.pk)
    with transaction.atomic():
        movimiento = devolver(conversion=suya, datos=datos, actor=actor)
        ensayo = EnsayoDevolucion(
            monto=-movimiento.monto,
            queda=queda_de(suya),
            moneda=suya.moneda,
            quitadas=[q for quien in _QUIEN for q in quien.quitar(suya)],
        )
        transaction.set_rollback(True)
    return ensayo
