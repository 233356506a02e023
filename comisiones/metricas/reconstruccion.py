"""Making the figures anew from the rows (``outbox.rehacer``): nobody reads them until, at the end,
all that was measured is added up at once."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction

from comisiones.metricas.consumidor import METRICAS
from comisiones.metricas.medidas import MEDIBLES, Medible
from comisiones.metricas.models import Medida, Remedicion
from comisiones.metricas.services import a_medias, medir, sumar_todo, tomar_turno
from conversiones.rastreo.conteo import recontar
from outbox.rehacer import Rehechura, rehacer


def reconstruir() -> Iterator[tuple[Medible, int]]:
    """Measure every row anew; yields each kind with how many rows more it has. Clicks are added up
    from the counts of each day."""
    recontar()
    yield from rehacer(_DE_CERO)
    with transaction.atomic():
        tomar_turno()
        # Somebody else who made them anew may have come first.
        if a_medias():
            sumar_todo()
            Remedicion.objects.all().delete()


def _empezar(_hasta: int) -> None:
    if not a_medias():
        for medible in MEDIBLES:
            Remedicion.objects.create(de=medible.nombre)
        Medida._default_manager.all()._raw_delete(using="default")


def _intacta() -> bool:
    return a_medias() and not Remedicion.objects.exclude(hasta=0).exists()


def _avance(medible: Medible) -> int | None:
    return Remedicion.objects.filter(de=medible.nombre).values_list("hasta", flat=True).first()


def _anotar(medible: Medible, hasta: int | None) -> None:
    if hasta is not None:
        Remedicion.objects.filter(de=medible.nombre).update(hasta=hasta)


_DE_CERO = Rehechura(
    consumidor=METRICAS,
    todo=MEDIBLES,
    tomar_turno=tomar_turno,
    empezar=_empezar,
    intacta=_intacta,
    avance=_avance,
    filas=lambda medible: medible.modelo._default_manager.all(),
    guardar=medir,
    anotar=_anotar,
)
