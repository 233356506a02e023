"""What the gateway of Stripe says of an order, and why, in words that a person may read."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from comisiones.pagos.pasarelas.interfaz import Orden, Respuesta
from comisiones.pagos.pasarelas.stripe import PasarelaStripe, _respuesta
from tests.comisiones.pagos.pasarelas.stripe_malo import Stripe
from tests.comisiones.pagos.por_stripe import ACCT, otra_parte

__all__ = ["otra_parte"]
PEDIDO = {
    "amount": "1000", "currency": "usd", "destination": ACCT, "transfer_group": "pago_1",
    "metadata[pago_id]": "pago_1",
}  # fmt: skip


def orden(**cambios: Any) -> Orden:
    """Ten dollars."""
    datos: dict[str, Any] = {
        "clave": "pago_1", "pago_id": "pago_1", "afiliado_id": "af_1", "beneficiario": "Ada",
        "importe": Decimal(10), "moneda": "USD", "fecha": "2026-01-31", "destino": ACCT,
    }  # fmt: skip
    return Orden(**datos | cambios)


@pytest.mark.parametrize(
    ("cambios", "maldad", "dicho"),
    [
        ({}, "bien", Respuesta("pagado", "tr_0")),
        (
            {"importe": Decimal("5.124"), "moneda": "KWD"}, "bien",
            Respuesta("fallido", detalle="Stripe no admite ese importe en KWD"),
        ),
        ({"destino": ""}, "bien", Respuesta("incierto", detalle="sin cuenta de Stripe")),
        (
            {}, "sin_saldo",
            Respuesta("fallido", detalle="Stripe: balance_insufficient (400)"),
        ),
        ({}, "503", Respuesta("incierto", detalle="Stripe: APIError (503)")),
    ],
)  # fmt: skip
def test_al_enviar(
    otra_parte: Stripe, cambios: dict[str, Any], maldad: str, dicho: Respuesta
) -> None:
    otra_parte.maldades = [maldad]
    assert PasarelaStripe().enviar(orden(**cambios)) == dicho


@pytest.mark.parametrize(
    ("hechas", "cambio", "mudo", "dicho"),
    [
        (0, {}, 0, None),
        (0, {}, 500, Respuesta("incierto", detalle="Stripe: APIError (500)")),
        (1, {}, 0, Respuesta("pagado", "tr_0")),
        (1, {"amount": 999}, 0, Respuesta("incierto", detalle="tr_0 no es lo que se pidió")),
        (
            1, {"amount_reversed": 999}, 0,
            Respuesta("incierto", detalle="tr_0 se revirtió en parte"),
        ),
        (1, {"amount_reversed": 1000}, 0, Respuesta("devuelto", "tr_0", "tr_0 se revirtió")),
        (
            2, {}, 0,
            Respuesta("incierto", detalle="Stripe tiene más de una transferencia de este pago"),
        ),
    ],
)  # fmt: skip
def test_al_preguntar(
    otra_parte: Stripe, hechas: int, cambio: dict[str, Any], mudo: int, dicho: Respuesta | None
) -> None:
    for _n in range(hechas):
        otra_parte.anotar(PEDIDO).update(cambio)
    otra_parte.mudo = mudo
    assert PasarelaStripe().consultar(orden()) == dicho


def test_una_transferencia_sin_destino_no_es_la_que_se_pidio() -> None:
    transferencia: Any = SimpleNamespace(
        id="tr_1", amount=1000, currency="usd", destination=None, amount_reversed=0
    )
    dicho = _respuesta(transferencia, orden())
    assert (dicho.estado, dicho.detalle) == ("incierto", "tr_1 no es lo que se pidió")
    transferencia.destination = SimpleNamespace(id=ACCT)
    assert _respuesta(transferencia, orden()).estado == "pagado"
