"""Writing and reading the history of an aggregate."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from alpespartner.comun.actores import Actor
from alpespartner.comun.models import Historial


def paso(
    *,
    entidad: str,
    entidad_id: str,
    accion: str,
    actor: Actor,
    estado_anterior: str = "",
    estado_nuevo: str = "",
    motivo: str = "",
    datos: dict[str, Any] | None = None,
) -> Historial:
    """Unsaved history row; bulk services insert many at once."""
    return Historial(
        entidad=entidad,
        entidad_id=entidad_id,
        accion=accion,
        estado_anterior=estado_anterior,
        estado_nuevo=estado_nuevo,
        actor=str(actor),
        motivo=motivo,
        datos=datos or {},
    )


def historial_de(entidad: str, entidad_id: str) -> QuerySet[Historial]:
    """Steps of one aggregate, oldest first."""
    return Historial.objects.filter(entidad=entidad, entidad_id=entidad_id).order_by("id")


def estado_entonces(entidad: str, entidad_id: str, en: datetime) -> str | None:
    """The state in which an aggregate was at an instant; None before anything that its history
    tells."""
    pasos = historial_de(entidad, entidad_id).exclude(estado_nuevo="")
    antes = pasos.filter(creado_en__lte=en).order_by("-pk")
    return antes.values_list("estado_nuevo", flat=True).first()
