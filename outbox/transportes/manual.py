"""Publishing pending rows to Pulsar without Debezium: the manual CDC of the earlier system.

Rows are leased, so that several publishers share the work: a row goes out once per lease. The
later rows of an aggregate wait while one of its rows is leased to somebody else, which keeps their
order. One that dies leaves its lease to expire; the inbox of the consumers makes the repetition
harmless.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from outbox.models import EntregaPendiente
from outbox.publicacion import PUBLICADOR
from outbox.transportes.pulsar.publicador import Publicador

ARRIENDO = timedelta(seconds=30)


def pendientes() -> int:
    """How many rows wait to be published."""
    return EntregaPendiente.objects.filter(suscripcion=PUBLICADOR).count()


def _arrendar(limite: int) -> list[EntregaPendiente]:
    propias = EntregaPendiente.objects.filter(suscripcion=PUBLICADOR)
    with transaction.atomic():
        # The oldest row's lock is the turn: one publisher leases at a time, and each of the reads
        # below sees what the one before it leased.
        list(propias.select_for_update(of=("self",)).order_by("id")[:1])
        ahora = timezone.now()
        arrendados = propias.filter(no_antes_de__gt=ahora)
        libres = list(
            propias.filter(Q(no_antes_de=None) | Q(no_antes_de__lte=ahora))
            .exclude(
                evento__aggregateid__in=list(
                    arrendados.values_list("evento__aggregateid", flat=True).distinct()
                )
            )
            .select_related("evento")
            .order_by("id")[:limite]
        )
        EntregaPendiente.objects.filter(pk__in=[e.pk for e in libres]).update(
            no_antes_de=ahora + ARRIENDO
        )
    return libres


def publicar_pendientes(salida: Publicador, limite: int) -> int:
    """Lease, publish and strike off up to ``limite`` rows; returns how many.

    Raises PublicacionFallida: the rows stay, and go out when their lease expires.
    """
    entregas = _arrendar(limite)
    if entregas:
        salida.publicar([e.evento for e in entregas])
        EntregaPendiente.objects.filter(pk__in=[e.pk for e in entregas]).delete()
    return len(entregas)
