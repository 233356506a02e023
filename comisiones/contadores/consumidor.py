"""Consumer ``contadores``: counts the rows that events tell of, as they are by then."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db.models import Max

# What they declare is looked up by the field that names a row.
from comisiones import eventos as _de_comisiones  # noqa: F401
from comisiones.contadores.services import anotar_hasta, contar, tomar_turno
from comisiones.contadores.tablas import TABLAS
from conversiones import eventos as _de_ventas  # noqa: F401
from outbox.consumo import Consumidor, Sobre, registrar
from outbox.models import OutboxEvent

_DE = {tipo: tabla for tabla in TABLAS for tipo in tabla.tipos()}


def _contar(sobres: Sequence[Sobre]) -> None:
    tomar_turno()
    for tabla in TABLAS:
        suyos = [sobre for sobre in sobres if _DE[sobre.tipo] is tabla]
        if not suyos:
            continue
        filas = tabla.modelo._default_manager.filter(id_publico__in={s.sujeto for s in suyos})
        contar(tabla, list(filas.values_list("pk", flat=True)))
        # The embedded relay needs no mark: what waits has a row of its own.
        if settings.EVENTOS_TRANSPORTE != "embebido":
            eventos = OutboxEvent.objects.filter(evento_id__in=[s.id for s in suyos])
            anotar_hasta(tabla, eventos.aggregate(m=Max("posicion"))["m"] or 0)


# One process: they take turns anyway.
CONTADORES = registrar(Consumidor("contadores", frozenset(_DE), _contar, exclusivo=True))
