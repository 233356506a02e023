"""Filters of the lists of the API."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django_filters.fields import IsoDateTimeField
from django_filters.rest_framework import DjangoFilterBackend

from alpespartner.comun.api.campos import SIN_ZONA
from alpespartner.comun.textos import instante, normalizar

# The order of a list that is read for what changed.
POR_CAMBIO = ("actualizado_en", "pk")
# A change is told once it is this old. Who makes one notes its instant before it commits, so a
# later one may be seen first; but nobody takes as long from one to the other: who waits for a lock
# gives up within a minute, and tasks are cut off after two.
ASENTADO = timedelta(minutes=3)


class FiltrosDeLista(DjangoFilterBackend):
    """Reads each value in the one form of names, which is how they are kept."""

    def get_filterset_kwargs(self, request: Any, queryset: Any, view: Any) -> dict[str, Any]:
        """What the filters are made from."""
        opciones: dict[str, Any] = super().get_filterset_kwargs(request, queryset, view)
        datos = QueryDict(mutable=True)
        for nombre, valores in request.query_params.lists():
            datos.setlist(nombre, [normalizar(valor) for valor in valores])
        return {**opciones, "data": datos}


class CampoInstante(IsoDateTimeField):
    """ISO 8601 instant with its zone, in UTC, where the database compares it."""

    def to_python(self, value: Any) -> datetime | None:
        """The instant, or a validation error."""
        if value in self.empty_values:
            return None
        try:
            return instante(value)
        except (ValueError, OverflowError):
            raise ValidationError(SIN_ZONA, code="invalid") from None


class FiltroInstante(django_filters.IsoDateTimeFilter):
    """Filter by an instant; its list comes by it, newest first."""

    field_class = CampoInstante

    def filter(self, qs: Any, value: Any) -> Any:
        """Rows on the wanted side of the instant, in the order of the index that finds them."""
        if value is None:
            return qs
        return super().filter(qs, value).order_by(f"-{self.field_name}", "-pk")


class FiltroActualizado(FiltroInstante):
    """What changed since an instant, what changed first before: a list that may be followed.

    It is the last of its filters, since its order is the one that counts.
    """

    def __init__(self) -> None:
        super().__init__("actualizado_en", "gte")

    def filter(self, qs: Any, value: Any) -> Any:
        """Rows that changed since then, and long enough ago that none of before may still come."""
        if value is None:
            return qs
        cambiadas = super().filter(qs, value)
        return cambiadas.filter(actualizado_en__lt=timezone.now() - ASENTADO).order_by(*POR_CAMBIO)
