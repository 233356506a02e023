"""Correcting downwards what a sale is worth: what it loses is a movement, as that of a refund."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from alpespartner.comun import dinero
from alpespartner.comun.actores import Actor
from alpespartner.comun.errores import DatoInvalido, DemasiadoPreciso
from conversiones.ventas.devoluciones import Devolucion, devolver, queda_de
from conversiones.ventas.errores import ValorDistinto, ValorQueSube
from conversiones.ventas.estados import CONVERSION, EstadoConversion
from conversiones.ventas.models import Conversion, MovimientoConversion, TipoMovimiento


def corregir_venta(
    *,
    conversion: Conversion,
    esperado: Decimal,
    nuevo: Decimal,
    id_externo: str,
    motivo: str,
    actor: Actor,
) -> MovimientoConversion:
    """Leave a sale worth ``nuevo``, in its currency, if what is left of it is still ``esperado``;
    its commissions follow by event, as after any refund: what is not paid is reduced with its
    mirror entry, and what is in a payment is deducted by an adjustment.

    Raises :class:`ValorDistinto` when it is worth something else by now, and as
    :func:`exigir_correccion`.
    """
    with transaction.atomic():
        actual = Conversion.objects.select_for_update().get(pk=conversion.pk)
        queda = queda_de(actual)
        if queda != esperado:
            raise ValorDistinto(esperado=esperado, queda=queda, moneda=actual.moneda)
        exigir_correccion(actual, queda=queda, nuevo=nuevo)
        return devolver(
            conversion=actual,
            datos=Devolucion(
                id_externo=id_externo,
                monto=queda - nuevo,
                tipo=TipoMovimiento.AJUSTE,
                motivo=motivo,
            ),
            actor=actor,
        )


def exigir_correccion(conversion: Conversion, *, queda: Decimal, nuevo: Decimal) -> None:
    """Raises :class:`DatoInvalido` for what is no value of the sale, :class:`ValorQueSube` for one
    that is not less than what is left, and TransicionInvalida for a sale that counts no more."""
    if not nuevo > 0:
        raise DatoInvalido(_("Debe ser mayor que cero."), campo="valor_nuevo")
    if not dinero.es_exacto(nuevo, conversion.moneda):
        raise DemasiadoPreciso(
            _("%(moneda)s admite %(n)s decimales.")
            % {"moneda": conversion.moneda, "n": dinero.exponente(conversion.moneda)},
            campo="valor_nuevo",
        )
    CONVERSION.exigir(conversion, EstadoConversion.REVERTIDA_PARCIAL)
    if nuevo >= queda:
        raise ValorQueSube(queda=queda, moneda=conversion.moneda)


def quedan_de(conversiones: Collection[Conversion]) -> dict[int, Decimal]:
    """What is left of each of some sales, by key, in one query."""
    sumas: dict[int, Decimal] = defaultdict(
        lambda: dinero.CERO,
        MovimientoConversion.objects.filter(conversion__in=[c.pk for c in conversiones])
        .exclude(tipo=TipoMovimiento.VENTA)
        .order_by()
        .values_list("conversion")
        .annotate(suma=Sum("monto")),
    )
    # SQLite adds in binary: a sum of exact amounts comes back a hair off.
    return {c.pk: dinero.cuantizar(c.valor + sumas[c.pk], c.moneda) for c in conversiones}
