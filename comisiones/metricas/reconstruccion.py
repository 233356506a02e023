"""Making the figures anew from the rows, while everybody goes on.

What they held is forgotten in one transaction, the rows are measured a portion at a time, and at
the end all is added up at once. A consumer that measures meanwhile keeps what each row says, like
this: whoever comes second finds it so. One that was interrupted goes on where it was.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction
from django.db.models import Max

from comisiones.metricas.consumidor import METRICAS
from comisiones.metricas.medidas import MEDIBLES, Medible
from comisiones.metricas.models import Medida, Remedicion
from comisiones.metricas.services import a_medias, medir, sumar_todo, tomar_turno
from conversiones.rastreo.conteo import recontar
from outbox.entrega import dar_por_recibidos
from outbox.models import OutboxEvent

# While others write: on SQLite they wait for each.
PORCION = 2_000
EVENTOS = 5_000


def reconstruir() -> Iterator[tuple[Medible, int]]:
    """Measure every row anew, a portion in each transaction; yields each kind with how many rows
    more it has. Clicks are added up from the counts of each day.

    Events from before that the consumer never got count as received: their rows are measured as
    they are now.
    """
    recontar()
    hasta = int(OutboxEvent.objects.aggregate(m=Max("posicion"))["m"] or 0)
    _empezar()
    for desde in range(0, hasta, EVENTOS):
        if not _recibir(desde, min(hasta, desde + EVENTOS)):
            break
    for medible in MEDIBLES:
        while medidas := _porcion(medible):
            yield medible, medidas
    with transaction.atomic():
        tomar_turno()
        # Somebody else who made them anew may have come first.
        if a_medias():
            sumar_todo()
            Remedicion.objects.all().delete()


def _empezar() -> None:
    """Forget what the figures hold, unless another time was interrupted."""
    with transaction.atomic():
        tomar_turno()
        if not a_medias():
            for medible in MEDIBLES:
                Remedicion.objects.create(de=medible.nombre)
            Medida._default_manager.all()._raw_delete(using="default")


def _recibir(desde: int, hasta: int) -> bool:
    """Take some events for received, unless a row was measured anew already: an event of it that
    was written afterwards must come to be measured."""
    with transaction.atomic():
        tomar_turno()
        if not a_medias() or Remedicion.objects.exclude(hasta=0).exists():
            return False
        dar_por_recibidos(METRICAS, desde, hasta)
    return True


def _porcion(medible: Medible) -> int:
    """Measure the next rows; 0 when there are no more."""
    with transaction.atomic():
        tomar_turno()
        remedicion = Remedicion.objects.filter(de=medible.nombre).first()
        if remedicion is None:
            return 0
        filas = medible.modelo._default_manager.filter(pk__gt=remedicion.hasta).order_by("pk")
        claves = list(filas.values_list("pk", flat=True)[:PORCION])
        medir(medible, claves)
        if claves:
            remedicion.hasta = claves[-1]
            remedicion.save(update_fields=["hasta"])
    return len(claves)
