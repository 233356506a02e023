"""The sandbox empties itself after some days, so that it does not grow for ever.

Whole: of what was tried nothing is of any worth by itself, and a ledger of which parts were taken
away would prove nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from afiliados.claves.models import ClaveAPI
from alpespartner.comun.models import Historial
from alpespartner.operacion.pruebas.programa import ACTOR, ENTIDAD, PROGRAMA, es_de_pruebas
from alpespartner.operacion.pruebas.vaciado import vaciar_pruebas
from alpespartner.pruebas.services import ENTORNO
from outbox.models import OutboxEvent

# When nobody tried anything for so long, or at the latest so much after it was due.
_TRANQUILO = timedelta(hours=1)
_A_MAS_TARDAR = timedelta(days=7)


def purgar_pruebas() -> bool:
    """Empty the sandbox when its oldest rows may be ``PRUEBAS_DIAS`` old and nobody uses it, and
    forget the keys that ended as long ago; returns whether it did. Elsewhere it does nothing."""
    if not settings.PRUEBAS or not es_de_pruebas():
        return False
    ahora = timezone.now()
    toca = se_vacia_en()
    if ahora < toca or (ahora < toca + _A_MAS_TARDAR and _en_uso(ahora)):
        return False
    vaciar_pruebas(actor=ACTOR)
    with transaction.atomic():
        _olvidar(ahora - timedelta(days=settings.PRUEBAS_DIAS))
    return True


def se_vacia_en() -> datetime:
    """From when on the sandbox empties itself: so many days after it was last as at first."""
    desde = Historial.objects.filter(
        Q(entidad_id=ENTORNO[1], accion="vaciar") | Q(entidad_id=PROGRAMA, accion="sembrar"),
        entidad=ENTIDAD,
    ).aggregate(ultimo=Max("creado_en"))["ultimo"]
    return (desde or timezone.now()) + timedelta(days=settings.PRUEBAS_DIAS)


def _en_uso(ahora: datetime) -> bool:
    recientes = ahora - _TRANQUILO
    usadas = ClaveAPI.objects.filter(usada_en__gt=recientes)
    return usadas.exists() or OutboxEvent.objects.filter(created_at__gt=recientes).exists()


def _olvidar(corte: datetime) -> None:
    """What emptying leaves, of before: keys that nobody can use, and orders, none of which is taken
    twice half a minute after it was signed."""
    acabadas = ClaveAPI.objects.filter(Q(revocada_en__lt=corte) | Q(expira_en__lt=corte))
    ids = list(acabadas.values_list("id_clave", flat=True))
    # Rows of the history are only ever added, but for this.
    pasos: QuerySet[Historial] = QuerySet(Historial)
    pasos.filter(entidad="clave", entidad_id__in=ids).delete()
    pasos.filter(entidad=ENTIDAD, accion__in=("recibir", "vaciar"), creado_en__lt=corte).delete()
    ClaveAPI.objects.filter(id_clave__in=ids).delete()
