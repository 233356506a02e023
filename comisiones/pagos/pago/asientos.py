"""What payments post: sent, settled, or not made after all.

| | debit | credit |
|---|---|---|
| sent | ``por_pagar`` of the affiliate, gross | ``compensacion``, net; ``retencion``, the rest |
| settled | ``compensacion`` | ``banco`` |
| failed | ``compensacion``, ``retencion`` | ``por_pagar`` of the affiliate, gross |

So the balance of ``compensacion`` is what was sent and has no answer. What the bank sends back
after it was settled is owed by an adjustment, gross, and what was withheld of it is no more.
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
                Linea(Cuenta.POR_PAGAR, pago.bruto, pago.moneda, pago.afiliado),
                *_destinos(pago, Cuenta.COMPENSACION, -1),
            ]
            for pago in pagos
        },
    )


def asentar_liquidaciones(pagos: Sequence[Pago]) -> None:
    """Payments that arrived."""
    asentar_todos(
        tipo=TipoAsiento.LIQUIDACION,
        lineas={
            pago.id_publico: [
                Linea(Cuenta.COMPENSACION, pago.importe, pago.moneda),
                Linea(Cuenta.BANCO, -pago.importe, pago.moneda),
            ]
            for pago in pagos
        },
    )


def asentar_impago(pago: Pago) -> None:
    """One that for certain was not made: the mirror of its sending."""
    asentar(
        tipo=TipoAsiento.IMPAGO,
        origen=pago.id_publico,
        lineas=[
            *_destinos(pago, Cuenta.COMPENSACION, 1),
            Linea(Cuenta.POR_PAGAR, -pago.bruto, pago.moneda, pago.afiliado),
        ],
    )


def contrapartida_devuelta(pago: Pago) -> list[Linea]:
    """Against what a payment is owed again that the bank sent back: that money, and what was
    withheld of it."""
    return _destinos(pago, Cuenta.BANCO, 1)


def _destinos(pago: Pago, cuenta: Cuenta, signo: int) -> list[Linea]:
    lineas = [Linea(cuenta, signo * pago.importe, pago.moneda)]
    if pago.retenido:
        lineas.append(Linea(Cuenta.RETENCION, signo * pago.retenido, pago.moneda))
    return lineas
