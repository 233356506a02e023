"""A payment as it is worked on: locked, and as the order that a gateway gets."""

from __future__ import annotations

from django.utils import timezone

from afiliados.cuentas import cuenta_stripe_de
from afiliados.estados import EstadoAfiliado
from comisiones.estados import EstadoLote
from comisiones.pagos.models import Pago
from comisiones.pagos.pasarela import Orden, pasarela_de


def bloquear(pago_pk: int) -> Pago:
    """A payment, locked, with its affiliate, the account of that, and its batch."""
    return (
        Pago.objects.select_related("afiliado__cuenta", "lote")
        .select_for_update(of=("self",))
        .get(pk=pago_pk)
    )


def orden_de(pago: Pago) -> Orden:
    """What a gateway is asked to pay."""
    cuenta = getattr(pago.afiliado, "cuenta", None)
    return Orden(
        # One key for the life of the payment: a new try of its commissions is a new payment.
        clave=pago.id_publico,
        pago_id=pago.id_publico,
        afiliado_id=pago.afiliado.id_publico,
        beneficiario=pago.afiliado.nombre,
        importe=pago.importe,
        moneda=pago.moneda,
        fecha=f"{pago.creado_en:%Y-%m-%d}",
        pasarela=pago.pasarela,
        destino=cuenta_stripe_de(cuenta) if cuenta else "",
    )


def puede_salir(pago: Pago) -> bool:
    """Whether its affiliate may be paid, it has an account of the kind that the gateway pays to
    and that did not change a short time ago, and its batch, if any, was released and is running."""
    if pago.lote is not None and pago.lote.estado != EstadoLote.EN_EJECUCION:
        return False
    if pago.afiliado.estado == EstadoAfiliado.BLOQUEADO:
        return False
    cuenta = getattr(pago.afiliado, "cuenta", None)
    paga_a = pasarela_de(pago.pasarela).paga_a
    if cuenta is None:
        return not paga_a
    if paga_a and cuenta.tipo != paga_a:
        return False
    return bool(cuenta.utilizable_en <= timezone.now())
