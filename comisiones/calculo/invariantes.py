"""What holds of every calculation at any moment."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, OuterRef, Subquery

from alpespartner.comun.invariantes import Comprobacion
from comisiones.calculo.explicacion import repasar
from comisiones.calculo.renovaciones import fuera_de_su_sitio, limita_renovaciones
from comisiones.comision.models import Comision
from conversiones.ventas.estados import SIN_COMISION
from conversiones.ventas.models import Conversion
from outbox.invariantes import exigir_evento
from outbox.models import EventoProcesado, EventoPurgado, OutboxEvent

exigir_evento("ComisionCalculada", Comision.objects.all)
# What makes a sale be calculated; that of one that was nobody's comes later.
_SU_EVENTO = {"type__in": ("ConversionRegistrada", "ConversionAsignada")}


def _una_comision_por_conversion() -> Iterator[str]:
    vivas = Comision.objects.filter(viva=True)
    repetidas = vivas.values("conversion", "nivel").annotate(n=Count("id"))
    for fila in repetidas.filter(n__gt=1).order_by().iterator():
        yield f"conversión {fila['conversion']} nivel {fila['nivel']}: {fila['n']} comisiones"


def _conversiones_servidas() -> Iterator[str]:
    """A conversion whose last event was handled has its commission, unless it was refused or is
    nobody's. One that was purged was handled."""
    sucesos = OutboxEvent.objects.filter(**_SU_EVENTO, aggregateid=OuterRef("id_publico"))
    ultimo = sucesos.order_by("-aggregate_version")
    huerfanas = (
        Conversion.objects.exclude(estado__in=SIN_COMISION)
        .filter(comisiones=None, afiliado__isnull=False)
        .annotate(
            evento=Subquery(ultimo.values("evento_id")[:1]),
            tipo=Subquery(ultimo.values("type")[:1]),
        )
    )
    for conversion in huerfanas.iterator():
        procesado = EventoProcesado.objects.filter(
            suscripcion="comisiones", evento_id=conversion.evento
        )
        purgados = EventoPurgado.objects.filter(**_SU_EVENTO, aggregateid=conversion.id_publico)
        # One that is assigned now was nobody's when its first event was handled.
        asignada = conversion.tipo == "ConversionAsignada"
        if procesado.exists() or (purgados.exists() and not asignada):
            yield f"{conversion.id_publico}: su evento se procesó y no tiene comisión"
        elif conversion.evento is None:
            yield f"{conversion.id_publico}: sin evento"


def _montos_explicados() -> Iterator[str]:
    """Each amount is the one of its frozen inputs, to the last digit."""
    for id_publico, distintas in repasar():
        if distintas:
            yield f"{id_publico}: {'; '.join(distintas)}"


def _renovaciones_en_su_sitio() -> Iterator[str]:
    """With what was adjusted, or is drafted for a person, each sale of a customer earned what its
    version says of it in its order. What changed a moment ago is on its way as an event, and a
    person may have dropped a draft: it is worth a look, and not wrong."""
    limitados = {
        comision.conversion.cliente_id
        for comision in Comision.objects.filter(conversion__cliente__isnull=False)
        .select_related("conversion")
        .only("traza", "conversion__cliente")
        .iterator(chunk_size=500)
        if limita_renovaciones(comision)
    }
    for cliente in sorted(pk for pk in limitados if pk is not None):
        for suelta in fuera_de_su_sitio(cliente):
            yield (
                f"{suelta.comision.id_publico}: en el orden de su cliente ganaría"
                f" {suelta.correcto} y falta ajustar {suelta.falta}"
            )


COMPROBACIONES = (
    Comprobacion("Una comisión por conversión y nivel", _una_comision_por_conversion),
    Comprobacion("Cada conversión procesada tiene su comisión", _conversiones_servidas),
    Comprobacion("Cada monto es el de su cálculo", _montos_explicados),
    Comprobacion(
        "Cada venta de un cliente ganó lo de su orden", _renovaciones_en_su_sitio, aviso=True
    ),
)
