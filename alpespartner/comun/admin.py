"""Bases of the project's admin pages, and the read-only page of the history."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from unfold.admin import ModelAdmin

from alpespartner.comun.actores import Actor, persona
from alpespartner.comun.models import Historial

# Counting rows costs more than showing them: past this many, the list stops counting.
TOPE_CONTEO = 10_000


class PaginadorAcotado(Paginator):
    """Counts at most ``TOPE_CONTEO`` rows, so that a list opens as fast at a million rows."""

    @cached_property
    def count(self) -> int:
        """Rows of the list, or ``TOPE_CONTEO`` when there are more."""
        consulta = self.object_list
        if isinstance(consulta, QuerySet):
            return consulta.order_by()[:TOPE_CONTEO].count()
        return len(consulta)


def actor_de(request: HttpRequest) -> Actor:
    """The member of the staff who makes a request."""
    return persona(request.user.pk or 0)


class AdminBase(ModelAdmin):
    """Defaults that keep lists fast at a million rows and rows undeletable."""

    paginator = PaginadorAcotado
    show_full_result_count = False
    list_per_page = 50
    list_filter_submit = False
    compressed_fields = True
    warn_unsaved_form = True

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nothing of the domain is deleted: it is closed, voided or reversed."""
        return False


class AdminSoloLectura(AdminBase):
    """Rows that nobody writes by hand: financial lines, events, history."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Historial)
class HistorialAdmin(AdminSoloLectura):
    """Every step of every aggregate."""

    list_display = ("creado_en", "entidad", "entidad_id", "accion", "estado_nuevo", "actor")
    list_filter = ("entidad",)
    search_fields = ("entidad_id__exact",)
    search_help_text = "Identificador exacto, por ejemplo com_01J…"
    ordering = ("-id",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [campo.name for campo in Historial._meta.fields if campo.name != "id"]
