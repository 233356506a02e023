"""Gateway ``stripe``: a transfer to the connected account of each affiliate (Stripe Connect).

A transfer carries the payment's id as its ``transfer_group``, so that it is found whoever asks.
"""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from decimal import Decimal
from typing import Any

import stripe
from django.conf import settings

from alpespartner.comun import dinero
from comisiones.pagos.errores import AvisoIlegible, FirmaInvalida, NoCabe
from comisiones.pagos.pasarelas.interfaz import Aviso, Orden, PagaA, Respuesta

log = logging.getLogger(__name__)

# To connect, and between two reads of an answer, in seconds: together, far below a task's limit.
ESPERA = (5, 20)
# A notice signed longer ago, in seconds, may be somebody repeating what they saw.
TOLERANCIA = 300
AVISOS = frozenset({"transfer.created", "transfer.reversed"})
# https://docs.stripe.com/currencies: what it takes in whole units, and in thousandths.
_SIN_DECIMALES = frozenset(
    (
        "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV",
        "XAF", "XOF", "XPF",
    )
)  # fmt: skip
_DE_TRES = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
# Taken in hundredths that must be whole units.
_ENTERAS = frozenset({"ISK", "UGX"})


def unidades(importe: Decimal, moneda: str) -> int:
    """An amount in Stripe's minor units of its currency; raises :class:`NoCabe`, never rounds."""
    valor = dinero.cuantizar(importe, moneda).scaleb(_decimales(moneda))
    # The last of three digits must be 0, and some currencies have cents only in form.
    paso = 10 if moneda in _DE_TRES else 100 if moneda in _ENTERAS else 1
    if valor != valor.to_integral_value() or int(valor) % paso:
        raise NoCabe(moneda)
    return int(valor)


def _decimales(moneda: str) -> int:
    return 0 if moneda in _SIN_DECIMALES else 3 if moneda in _DE_TRES else 2


class PasarelaStripe:
    """What Stripe did not do for certain is ``fallido``; what it did not answer, ``incierto``."""

    nombre = "stripe"
    # It forgets a key after 24 hours.
    ventana: timedelta | None = timedelta(hours=23)
    por_fichero = False
    paga_a: PagaA = "stripe"
    monedas: frozenset[str] | None = None

    def enviar(self, orden: Orden) -> Respuesta:
        """Make the transfer of an order."""
        try:
            cuanto = unidades(orden.importe, orden.moneda)
        except NoCabe:
            return Respuesta("fallido", detalle=f"Stripe no admite ese importe en {orden.moneda}")
        if not orden.destino:
            return Respuesta("incierto", detalle="sin cuenta de Stripe")
        try:
            transferencia = _cliente().v1.transfers.create(
                {
                    "amount": cuanto,
                    "currency": orden.moneda.lower(),
                    "destination": orden.destino,
                    "transfer_group": orden.pago_id,
                    "metadata": {"pago_id": orden.pago_id, "afiliado_id": orden.afiliado_id},
                },
                {"idempotency_key": orden.clave},
            )
        except stripe.InvalidRequestError as exc:
            # It refused this request. An earlier one with the same key may have been taken.
            sabido = self.consultar(orden)
            return sabido or Respuesta("fallido", detalle=_dicho(exc))
        except stripe.StripeError as exc:
            return Respuesta("incierto", detalle=_dicho(exc))
        return _respuesta(transferencia, orden)

    def consultar(self, orden: Orden) -> Respuesta | None:
        """What became of an order, by its ``transfer_group``; None when there is no transfer."""
        try:
            # Two are enough to know that it is not one.
            lista = _cliente().v1.transfers.list({"transfer_group": orden.pago_id, "limit": 2})
        except stripe.StripeError as exc:
            log.warning("%s: Stripe no contesta: %s", orden.pago_id, _dicho(exc))
            return Respuesta("incierto", detalle=_dicho(exc))
        if not lista.data:
            return None
        if len(lista.data) > 1:
            return Respuesta(
                "incierto", detalle="Stripe tiene más de una transferencia de este pago"
            )
        return _respuesta(lista.data[0], orden)

    def interpretar_aviso(self, cuerpo: bytes, firma: str) -> Aviso | None:
        """What an event of Stripe says of a transfer; raises as the interface says."""
        secreto = settings.STRIPE_SECRETO_AVISOS
        if not secreto:
            raise LookupError("ALPES_STRIPE_SECRETO_AVISOS")
        try:
            # The library compares text, and fails on what is not ASCII.
            firma.encode("ascii")
            stripe.WebhookSignature.verify_header(cuerpo, firma, secreto, TOLERANCIA)
        except (stripe.SignatureVerificationError, UnicodeError):
            raise FirmaInvalida() from None
        try:
            suceso = json.loads(cuerpo)
            # One with an account is about the transfers of somebody connected, not ours.
            if suceso["type"] not in AVISOS or suceso.get("account"):
                return None
            return _aviso(suceso)
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError):
            raise AvisoIlegible() from None


def _aviso(suceso: dict[str, Any]) -> Aviso:
    transferencia = suceso["data"]["object"]
    referencia, moneda = str(transferencia["id"]), str(transferencia["currency"]).upper()
    cuanto, vuelto = int(transferencia["amount"]), int(transferencia["amount_reversed"])
    return Aviso(
        id_externo=str(suceso["id"]),
        tipo=suceso["type"],
        referencia=referencia,
        pago_id=str(transferencia["transfer_group"] or ""),
        importe=Decimal(cuanto).scaleb(-_decimales(moneda)),
        moneda=moneda,
        destino=str(transferencia["destination"] or ""),
        respuesta=_segun_lo_vuelto(referencia, cuanto, vuelto),
    )


def _cliente() -> stripe.StripeClient:
    return stripe.StripeClient(
        settings.STRIPE_CLAVE,
        base_addresses={"api": settings.STRIPE_URL},
        # Whether to try again is decided by who knows what was asked.
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=ESPERA),
    )


def _dicho(exc: stripe.StripeError) -> str:
    """What went wrong, without the text of Stripe: it may name an account."""
    return f"Stripe: {exc.code or type(exc).__name__} ({exc.http_status or 'sin respuesta'})"


def _respuesta(transferencia: stripe.Transfer, orden: Orden) -> Respuesta:
    destino = transferencia.destination
    destino = destino if isinstance(destino, str) or destino is None else destino.id
    pedido = (unidades(orden.importe, orden.moneda), orden.moneda.lower(), orden.destino)
    if (transferencia.amount, transferencia.currency, destino) != pedido:
        return Respuesta("incierto", detalle=f"{transferencia.id} no es lo que se pidió")
    sabido = _segun_lo_vuelto(transferencia.id, transferencia.amount, transferencia.amount_reversed)
    return sabido or Respuesta("incierto", detalle=f"{transferencia.id} se revirtió en parte")


def _segun_lo_vuelto(referencia: str, cuanto: int, vuelto: int) -> Respuesta | None:
    """None when only a part came back."""
    if vuelto == 0:
        return Respuesta("pagado", referencia)
    if vuelto == cuanto:
        return Respuesta("devuelto", referencia, f"{referencia} se revirtió")
    return None
