"""Making the counters anew from the rows (``outbox.rehacer``)."""

from __future__ import annotations

from collections.abc import Iterator

from comisiones.contadores.consumidor import CONTADORES
from comisiones.contadores.libro import TABLAS
from comisiones.contadores.models import Contada, Contador, Recuento
from comisiones.contadores.services import contar, tomar_turno
from comisiones.contadores.tablas import Tabla
from outbox.rehacer import Rehechura, rehacer


def reconstruir() -> Iterator[tuple[Tabla, int]]:
    """Count every row of every table anew; yields each table with how many rows more it has."""
    return rehacer(_DE_CERO)


def _empezar(hasta: int) -> None:
    recuentos = [Recuento.objects.get_or_create(de=tabla.nombre)[0] for tabla in TABLAS]
    if all(recuento.rehecho_hasta is None for recuento in recuentos):
        for recuento in recuentos:
            for modelo in (Contada, Contador):
                modelo._default_manager.filter(de=recuento.de)._raw_delete(using="default")
            recuento.rehecho_hasta, recuento.hasta = 0, hasta
            recuento.save(update_fields=["rehecho_hasta", "hasta"])


def _intacta() -> bool:
    suyos = Recuento.objects.filter(de__in=[tabla.nombre for tabla in TABLAS])
    return not suyos.exclude(rehecho_hasta=0).exists()


def _avance(tabla: Tabla) -> int | None:
    return Recuento.objects.get(de=tabla.nombre).rehecho_hasta


def _anotar(tabla: Tabla, hasta: int | None) -> None:
    Recuento.objects.filter(de=tabla.nombre).update(rehecho_hasta=hasta)


_DE_CERO = Rehechura(
    consumidor=CONTADORES,
    todo=TABLAS,
    tomar_turno=tomar_turno,
    empezar=_empezar,
    intacta=_intacta,
    avance=_avance,
    filas=lambda tabla: tabla.filas(),
    guardar=contar,
    anotar=_anotar,
)
