"""Filters of the lists of the API."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django_filters.rest_framework import DjangoFilterBackend

from alpespartner.comun.textos import normalizar


class FiltrosDeLista(DjangoFilterBackend):
    """Reads each value in the one form of names, which is how they are kept."""

    def get_filterset_kwargs(self, request: Any, queryset: Any, view: Any) -> dict[str, Any]:
        """What the filters are made from."""
        opciones: dict[str, Any] = super().get_filterset_kwargs(request, queryset, view)
        datos = QueryDict(mutable=True)
        for nombre, valores in request.query_params.lists():
            datos.setlist(nombre, [normalizar(valor) for valor in valores])
        return {**opciones, "data": datos}
