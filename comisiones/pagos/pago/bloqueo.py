"""A payment as it is worked on: locked, and as the order that a gateway gets."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from afiliados.afiliado.estados import EstadoAfiliado
from afiliados.cuentas.services import cuenta_stripe_de
from comisiones.pagos.estados import EstadoLote, EstadoPago
from comisiones.pagos.models import LotePago, Pago
from comisiones.pagos.pasarelas.interfaz import Orden, pasarela_de

# How many payments of a batch leave together: their calls are asked for in rounds of
# ``envio.A_LA_VEZ``, and all must have ended before the sweep begins to ask about them.
TANDA = 8


def bloquear_lote(lote_pk: int) -> LotePago:
    """A batch, locked: before its payments, as everybody does, because the foreign key of a payment
    takes a shared lock on it."""
    return LotePago.objects.select_for_update().get(pk=lote_pk)


def bloquear(pago_pk: int) -> Pago:
    """A payment, locked, with its affiliate, the account of that, and its batch."""
    return _con_lo_suyo().select_for_update(of=("self",)).get(pk=pago_pk)


def bloquear_todos(pagos_pk: Iterable[int]) -> list[Pago]:
    """:func:`bloquear` for several, in the order in which everybody takes them."""
    return list(
        _con_lo_suyo().select_for_update(of=("self",)).filter(pk__in=list(pagos_pk)).order_by("pk")
    )


def bloquear_tanda(pago_pk: int) -> list[Pago]:
    """A payment that waits to be sent, locked, and up to ``TANDA`` - 1 that wait behind it in its
    batch. One that somebody else has locked is left to them."""
    visto = Pago.objects.filter(pk=pago_pk, estado=EstadoPago.LISTO).values("lote_id").first()
    if visto is None:
        return []
    if visto["lote_id"] is None:
        return [pago for pago in [bloquear(pago_pk)] if pago.estado == EstadoPago.LISTO]
    listos = Pago.objects.filter(
        lote=visto["lote_id"], estado=EstadoPago.LISTO, pk__gte=pago_pk
    ).order_by("pk")
    # Chosen, locked by key and read, in turn: a query by anything else may sort, and then it locks
    # all that it sorts, not only what it returns: the others skip what is locked for nothing.
    elegibles = list(listos.values_list("pk", flat=True)[: 4 * TANDA])
    cogidos = list(
        Pago.objects.select_for_update(skip_locked=True)
        .filter(pk__in=elegibles)
        .order_by("pk")
        .values_list("pk", flat=True)[:TANDA]
    )
    return list(_con_lo_suyo().filter(pk__in=cogidos, estado=EstadoPago.LISTO).order_by("pk"))


def _con_lo_suyo() -> QuerySet[Pago]:
    return Pago.objects.select_related("afiliado__cuenta", "lote")


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
    that is confirmed and past its wait, and its batch, if any, was released and is running."""
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
    return bool(cuenta.utilizable)
