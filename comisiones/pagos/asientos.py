"""What payments post: sent, settled, or not made after all.

| | debit | credit |
|---|---|---|
| sent | ``por_pagar`` of the affiliate | ``compensacion`` |
| settled | ``compensacion`` | ``banco`` |
| failed | ``compensacion`` | ``por_pagar`` of the affiliate |

So the balance of ``compensacion`` is what was sent and has no answer. What the bank sends back
after it was settled is owed by an adjustment.
"""

from __future__ import annotations

from collections.abc import Sequence

from comisiones.libro.models import Cuenta, TipoAsiento
from comisiones.libro.services import Linea, asentar, asentar_todos
from comisiones.pagos.models import Pago


def asentar_envios(pagos: Sequence[Pago]) -> None:
    """Payments that leave."""
    asentar_todos(
        tipo=TipoAsiento.PAGO,
        lineas={
            pago.id_publico: [
                Linea(Cuenta.POR_PAGAR, pago.importe, pago.moneda, pago.afiliado),
                Linea(Cuenta.COMPENSACION, -pago.importe, pago.moneda),
            ]
            for pago in pagos
        },
    )


def asentar_liquidacion(pago: Pago) -> None:
    """One that arrived."""
    asentar(
        tipo=TipoAsiento.LIQUIDACION,
        origen=pago.id_publico,
        lineas=[
            Linea(Cuenta.COMPENSACION, pago.importe, pago.moneda),
            Linea(Cuenta.BANCO, -pago.importe, pago.moneda),
        ],
    )


def asentar_impago(pago: Pago) -> None:
    """One that for certain was not made: the mirror of its sending."""
    asentar(
        tipo=TipoAsiento.IMPAGO,
        origen=pago.id_publico,
        lineas=[
            Linea(Cuenta.COMPENSACION, pago.importe, pago.moneda),
            Linea(Cuenta.POR_PAGAR, -pago.importe, pago.moneda, pago.afiliado),
        ],
    )
