"""Consumer ``contadores``: counts the rows that events tell of, as they are by then."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db.models import Max

# What they declare is looked up by the field that names a row.
from comisiones import eventos as _de_comisiones  # noqa: F401
from comisiones.contadores.libro import TABLAS
from comisiones.contadores.services import anotar_hasta, contar, tomar_turno
from conversiones import eventos as _de_ventas  # noqa: F401
from outbox.consumo import Consumidor, Sobre, registrar
from outbox.models import OutboxEvent

_TIPOS = {tabla: tabla.tipos() for tabla in TABLAS}


def _contar(sobres: Sequence[Sobre]) -> None:
    tomar_turno()
    for tabla in TABLAS:
        suyos = [sobre for sobre in sobres if sobre.tipo in _TIPOS[tabla]]
        if not suyos:
            continue
        contar(tabla, tabla.claves_de({sobre.sujeto for sobre in suyos}))
        # The embedded relay needs no mark: what waits has a row of its own.
        if settings.EVENTOS_TRANSPORTE != "embebido":
            eventos = OutboxEvent.objects.filter(evento_id__in=[s.id for s in suyos])
            anotar_hasta(tabla, eventos.aggregate(m=Max("posicion"))["m"] or 0)


# One process: they take turns anyway.
CONTADORES = registrar(
    Consumidor("contadores", frozenset().union(*_TIPOS.values()), _contar, exclusivo=True)
)
