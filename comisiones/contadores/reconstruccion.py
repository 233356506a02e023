"""Making the counters anew from the rows, while everybody goes on.

What they held is forgotten in one transaction, and the rows are counted a portion at a time. A
consumer that counts meanwhile adds to the same: each row is counted once, whoever comes first. A
recount that was interrupted goes on where it was.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction
from django.db.models import Max

from comisiones.contadores.consumidor import CONTADORES
from comisiones.contadores.libro import TABLAS
from comisiones.contadores.models import Contada, Contador, Recuento
from comisiones.contadores.services import contar, tomar_turno
from comisiones.contadores.tablas import Tabla
from outbox.entrega import dar_por_recibidos
from outbox.models import OutboxEvent

# While others write: on SQLite they wait for each.
PORCION = 2_000
EVENTOS = 5_000


def reconstruir() -> Iterator[tuple[Tabla, int]]:
    """Count every row of every table anew, a portion in each transaction; yields each table with
    how many rows more it has.

    Events from before that the consumer never got count as received: their rows are counted as
    they are now.
    """
    hasta = int(OutboxEvent.objects.aggregate(m=Max("posicion"))["m"] or 0)
    _empezar(hasta)
    for desde in range(0, hasta, EVENTOS):
        if not _recibir(desde, min(hasta, desde + EVENTOS)):
            break
    for tabla in TABLAS:
        while contadas := _porcion(tabla):
            yield tabla, contadas


def _empezar(hasta: int) -> None:
    """Forget what the counters hold, unless another recount was interrupted."""
    with transaction.atomic():
        tomar_turno()
        recuentos = [Recuento.objects.get_or_create(de=tabla.nombre)[0] for tabla in TABLAS]
        if all(recuento.rehecho_hasta is None for recuento in recuentos):
            for recuento in recuentos:
                for modelo in (Contada, Contador):
                    suyas = modelo._default_manager.filter(de=recuento.de)
                    suyas._raw_delete(using="default")
                recuento.rehecho_hasta, recuento.hasta = 0, hasta
                recuento.save(update_fields=["rehecho_hasta", "hasta"])


def _recibir(desde: int, hasta: int) -> bool:
    """Take some events for received, unless a row was counted anew already: an event of it that was
    written afterwards must come to be counted."""
    with transaction.atomic():
        tomar_turno()
        suyos = Recuento.objects.filter(de__in=[tabla.nombre for tabla in TABLAS])
        if suyos.exclude(rehecho_hasta=0).exists():
            return False
        dar_por_recibidos(CONTADORES, desde, hasta)
    return True


def _porcion(tabla: Tabla) -> int:
    """Count the next rows; 0 when there are no more, and the counters are whole."""
    with transaction.atomic():
        tomar_turno()
        recuento = Recuento.objects.get(de=tabla.nombre)
        if recuento.rehecho_hasta is None:
            return 0
        filas = tabla.filas().filter(pk__gt=recuento.rehecho_hasta)
        claves = list(filas.order_by("pk").values_list("pk", flat=True)[:PORCION])
        contar(tabla, claves)
        recuento.rehecho_hasta = claves[-1] if claves else None
        recuento.save(update_fields=["rehecho_hasta"])
    return len(claves)
