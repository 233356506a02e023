"""Reads of proposals."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q, QuerySet
from django.utils import timezone

from alpespartner.comun.models import EstadoPropuesta, Propuesta


def por_confirmar() -> QuerySet[Propuesta]:
    """Those that somebody may still confirm."""
    return Propuesta.objects.filter(
        Q(caduca_en=None) | Q(caduca_en__gt=timezone.now()), estado=EstadoPropuesta.POR_CONFIRMAR
    )


def propuestas_de(entidad: str, ids: Collection[str]) -> QuerySet[Propuesta]:
    """Those that wait of some objects, by their ids in the history; oldest first."""
    return por_confirmar().filter(entidad=entidad, entidad_id__in=ids, viva=True).order_by("pk")


def confirmadores(entidad: str, ids: Collection[str], tipo: str) -> dict[str, str]:
    """Who confirmed the last proposal of a kind of each of some objects."""
    return dict(
        Propuesta.objects.filter(
            entidad=entidad, entidad_id__in=ids, tipo=tipo, estado=EstadoPropuesta.CONFIRMADA
        )
        .order_by("pk")
        .values_list("entidad_id", "decidida_por")
    )
