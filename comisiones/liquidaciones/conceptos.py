"""What a payment pays, as its documents tell it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from comisiones.pagos.models import ItemPago


def items_de(pago_pk: int) -> QuerySet[ItemPago]:
    """Items of a payment with what a document says of them, in the order in which they entered."""
    return (
        ItemPago.objects.filter(pago=pago_pk)
        .select_related("comision__conversion", "comision__campana", "ajuste")
        .defer("comision__traza", "comision__conversion__productos")
        .order_by("pk")
    )


def fecha_y_concepto(item: ItemPago) -> tuple[datetime, str]:
    """When the sale or adjustment of an item happened, and what to call it."""
    if item.comision is not None:
        concepto = _("Comisión de %(campana)s") % {"campana": item.comision.campana.nombre}
        return item.comision.conversion.ocurrida_en, concepto
    assert item.ajuste is not None  # noqa: S101 - a constraint of the table
    return item.ajuste.creado_en, str(item.ajuste.get_tipo_display())
