"""What holds of sales at any moment."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Sum

from alpespartner.comun.dinero import visible
from alpespartner.comun.invariantes import Comprobacion
from conversiones.ventas.estados import CON_DEVOLUCIONES, EstadoConversion
from conversiones.ventas.models import Conversion, MovimientoConversion
from conversiones.ventas.selectors import esperan_a_una_que_llego
from outbox.invariantes import exigir_evento

exigir_evento("ConversionRegistrada", Conversion.objects.all)


def _movimientos() -> Iterator[str]:
    """The movements of a sale add up to what is left of it, and its state says so."""
    sumas = (
        MovimientoConversion.objects.values(
            "conversion__id_publico", "conversion__estado", "conversion__valor", "moneda"
        )
        .annotate(queda=Sum("monto"))
        .order_by()
    )
    for f in sumas.iterator():
        queda, valor = visible(f["queda"], f["moneda"]), f["conversion__valor"]
        estado = f["conversion__estado"]
        entera = not queda
        # The refusal of a sale that came again and was refused for good has no movement.
        tope = queda < valor if estado in CON_DEVOLUCIONES else queda == valor
        if queda < 0 or not tope or entera != (estado == EstadoConversion.REVERTIDA):
            yield (
                f"{f['conversion__id_publico']}: {f['conversion__estado']} y quedan "
                f"{queda} de {valor}"
            )


def _pendientes() -> Iterator[str]:
    """Whoever commits second, the sale or its refund, sees the other."""
    for d in esperan_a_una_que_llego().select_related("campana").iterator():
        yield f"{d.campana.id_publico}: {d.id_externo} espera a {d.referencia_externa}, que llegó"


COMPROBACIONES = (
    Comprobacion("Los movimientos de una venta suman lo que queda", _movimientos),
    Comprobacion("Ninguna devolución espera a una venta que ya está", _pendientes),
)
