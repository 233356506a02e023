"""What holds of sales at any moment."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Sum

from alpespartner.comun.dinero import cuantizar
from alpespartner.comun.invariantes import Comprobacion
from conversiones.ventas.estados import EstadoConversion
from conversiones.ventas.models import Conversion, MovimientoConversion
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
        queda, valor = cuantizar(f["queda"], f["moneda"]), f["conversion__valor"]
        entera = not queda
        dicho = f["conversion__estado"] == EstadoConversion.REVERTIDA
        if not 0 <= queda < valor or entera != dicho:
            yield (
                f"{f['conversion__id_publico']}: {f['conversion__estado']} y quedan "
                f"{queda} de {valor}"
            )


COMPROBACIONES = (Comprobacion("Los movimientos de una venta suman lo que queda", _movimientos),)
