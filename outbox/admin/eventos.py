"""Events and where each is."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from alpespartner.comun.admin.base import AdminSoloLectura
from alpespartner.comun.admin.formato import marca
from outbox.models import OutboxEvent
from outbox.registro import TIPOS
from outbox.selectors import entregas_de, eventos_con_entrega


class FiltroTipo(DropdownFilter):
    """By declared type: asking the table for its types would read it whole."""

    title = _("tipo")
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(tipo, tipo) for tipo in sorted(TIPOS)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(type=self.value()) if self.value() else queryset


@admin.register(OutboxEvent)
class OutboxEventAdmin(AdminSoloLectura):
    """Every event, newest first."""

    si_vacia = _("Lo que pasó, tal como se cuenta fuera. Cada cambio escribe el suyo.")

    list_display = ("type", "aggregateid", "aggregatetype", "aggregate_version", "col_entregado",
                    "created_at")  # fmt: skip
    exporta = (
        "evento_id", "type", "aggregatetype", "aggregateid", "aggregate_version", "created_at",
    )  # fmt: skip
    list_filter = (FiltroTipo,)
    search_fields = ("evento_id",)
    search_help_text = _("Identificador exacto del evento o del agregado")
    ordering = ("-posicion",)
    fields = (
        ("type", "evento_id"), ("aggregatetype", "aggregateid"),
        ("aggregate_version", "created_at"), "col_entregado", "col_entregas", "col_contenido",
    )  # fmt: skip
    readonly_fields = ("col_entregado", "col_entregas", "col_contenido")

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxEvent]:
        """With whether each was delivered, asked only for the rows of the page."""
        return eventos_con_entrega().order_by(*self.ordering)

    def buscar(self, consulta: QuerySet[Any], termino: str) -> QuerySet[Any]:
        """Exact ids only: the table grows for ever."""
        # An event's id is a UUID; an aggregate's has a prefix.
        campo = "aggregateid" if "_" in termino else "evento_id"
        return consulta.filter(**{campo: termino})

    @display(description=_("Entrega"))
    def col_entregado(self, evento: Any) -> SafeString:
        """Whether no subscription waits for it."""
        if evento.entregado:
            return marca("bien", _("Entregado"))
        return marca("aviso", _("Por entregar"))

    @display(description=_("Suscripciones"))
    def col_entregas(self, evento: OutboxEvent) -> SafeString:
        """State, delay and last error for each subscription."""
        return render_to_string("admin/alpes/entregas.html", {"entregas": entregas_de(evento)})

    @display(description=_("Contenido"))
    def col_contenido(self, evento: OutboxEvent) -> SafeString:
        """CloudEvents document."""
        return contenido(evento)


def contenido(evento: OutboxEvent) -> SafeString:
    """The document of an event, indented; what is none, as it is."""
    try:
        documento = json.dumps(json.loads(evento.payload), ensure_ascii=False, indent=2)
        documento.encode()
    except (ValueError, RecursionError):
        documento = evento.payload
    return format_html('<pre class="ap-json">{}</pre>', documento)
