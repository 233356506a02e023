"""What holds of the numbered documents at any moment."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, F, Max, Min, Q

from alpespartner.comun.invariantes import Comprobacion
from comisiones.liquidaciones.models import Liquidacion, SerieLiquidacion, TipoLiquidacion


def _liquidaciones_seguidas() -> Iterator[str]:
    """Numbers of a series go from 1 to its last without a gap; amounts are their payment's."""
    for serie in SerieLiquidacion.objects.all():
        propias = Liquidacion.objects.filter(serie=serie.serie)
        numeros = propias.aggregate(n=Count("id"), primero=Min("numero"), ultimo=Max("numero"))
        if serie.ultimo and tuple(numeros.values()) != (serie.ultimo, 1, serie.ultimo):
            yield f"serie {serie.serie}: {numeros}, y el último dado es {serie.ultimo}"
    distintas = Liquidacion.objects.exclude(
        Q(tipo=TipoLiquidacion.LIQUIDACION, importe=F("pago__importe"))
        | Q(tipo=TipoLiquidacion.RECTIFICATIVA, importe=-F("pago__importe"))
    )
    for liquidacion in distintas.iterator():
        yield f"{liquidacion.numero_completo}: {liquidacion.importe} no es el importe de su pago"


COMPROBACIONES = (
    Comprobacion("Las liquidaciones van numeradas sin huecos", _liquidaciones_seguidas),
)
