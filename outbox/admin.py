"""Admin pages of events: read-only, but for handing a parked one over again."""

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

from alpespartner.comun.admin_acciones import Accion, ConAcciones
from alpespartner.comun.admin_base import AdminSoloLectura
from alpespartner.comun.admin_formato import dos_lineas, enlace, hace, insignia
from outbox.consumidores import CONSUMIDORES
from outbox.models import EntregaPendiente, EventoAparcado, OutboxEvent
from outbox.registro import TIPOS
from outbox.selectors import entregas_de, eventos_con_entrega
from outbox.services import reencolar


class FiltroTipo(DropdownFilter):
    """By declared type: asking the table for its types would read it whole."""

    title = _("tipo")
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(tipo, tipo) for tipo in sorted(TIPOS)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(type=self.value()) if self.value() else queryset


class FiltroSuscripcion(DropdownFilter):
    """By consumer."""

    title = _("suscripción")
    parameter_name = "suscripcion"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(nombre, nombre) for nombre in sorted(CONSUMIDORES)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(suscripcion=self.value()) if self.value() else queryset


class FiltroReencolado(DropdownFilter):
    """Parked still, or handed over again."""

    title = _("situación")
    parameter_name = "situacion"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [("aparcado", _("Aparcados")), ("reencolado", _("Reencolados"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in ("aparcado", "reencolado"):
            return queryset.filter(reencolado_en__isnull=self.value() == "aparcado")
        return queryset


@admin.register(OutboxEvent)
class OutboxEventAdmin(AdminSoloLectura):
    """Every event, newest first."""

    list_display = ("type", "aggregateid", "aggregatetype", "aggregate_version", "col_entregado",
                    "created_at")  # fmt: skip
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
        return eventos_con_entrega()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[OutboxEvent], search_term: str
    ) -> tuple[QuerySet[OutboxEvent], bool]:
        """Exact ids only: the table grows for ever."""
        termino = search_term.strip()
        if not termino:
            return queryset, False
        # An event's id is a UUID; an aggregate's has a prefix.
        campo = "aggregateid" if "_" in termino else "evento_id"
        return queryset.filter(**{campo: termino}), False

    @display(description=_("Entrega"))
    def col_entregado(self, evento: Any) -> SafeString:
        """Whether no subscription waits for it."""
        if evento.entregado:
            return insignia("activa", _("Entregado"))
        return insignia("pendiente", _("Por entregar"))

    @display(description=_("Suscripciones"))
    def col_entregas(self, evento: OutboxEvent) -> SafeString:
        """State, delay and last error for each subscription."""
        return render_to_string("admin/alpes/entregas.html", {"entregas": entregas_de(evento)})

    @display(description=_("Contenido"))
    def col_contenido(self, evento: OutboxEvent) -> SafeString:
        """CloudEvents document."""
        return contenido(evento)


def contenido(evento: OutboxEvent) -> SafeString:
    """The document of an event, indented."""
    documento = json.dumps(json.loads(evento.payload), ensure_ascii=False, indent=2)
    return format_html('<pre class="ap-json">{}</pre>', documento)


@admin.register(EntregaPendiente)
class EntregaPendienteAdmin(AdminSoloLectura):
    """What the embedded relay has not handed over yet."""

    list_display = ("col_evento", "suscripcion", "intentos", "proximo_intento_en", "ultimo_error")
    list_select_related = ("evento",)
    list_filter = (FiltroSuscripcion,)
    ordering = ("id",)
    fields = ("suscripcion", "col_enlace", "intentos", "proximo_intento_en", "ultimo_error")
    readonly_fields = ("col_enlace",)

    @display(description=_("Evento"))
    def col_evento(self, entrega: EntregaPendiente) -> SafeString:
        """Type and aggregate."""
        return dos_lineas(entrega.evento.type, entrega.evento.aggregateid)

    @display(description=_("Evento"))
    def col_enlace(self, entrega: EntregaPendiente) -> SafeString | str:
        """Link to the event."""
        return enlace(entrega.evento)


@admin.register(EventoAparcado)
class EventoAparcadoAdmin(AdminSoloLectura, ConAcciones):
    """Events that a subscription gave up on."""

    entidad = "evento"
    acciones = (
        Accion(
            nombre="reencolar",
            titulo=_("Reencolar"),
            permiso="outbox.change_eventoaparcado",
            visible=lambda aparcado: aparcado.reencolado_en is None,
            aplicar=lambda aparcado, actor, _m: reencolar(aparcado=aparcado, actor=actor),
            hecho=_("El evento vuelve a la cola de su suscripción."),
            ayuda=_("Arregla antes la causa: si falla otra vez, se aparcará de nuevo."),
            icono="replay",
            tono="principal",
        ),
    )
    list_display = ("col_evento", "suscripcion", "intentos", "col_error", "aparcado_en",
                    "col_situacion")  # fmt: skip
    list_select_related = ("evento",)
    list_filter = (FiltroReencolado, FiltroSuscripcion)
    ordering = ("-id",)
    fields = (
        ("suscripcion", "col_situacion"), ("col_enlace", "intentos"),
        ("aparcado_en", "reencolado_en"), "error", "col_contenido",
    )  # fmt: skip
    readonly_fields = ("col_situacion", "col_enlace", "col_contenido")

    def id_historial(self, objeto: Any) -> str:
        return str(objeto.evento.evento_id) if objeto.evento else ""

    @display(description=_("Evento"))
    def col_evento(self, aparcado: EventoAparcado) -> SafeString | str:
        """Type and aggregate."""
        if aparcado.evento is None:
            return str(_("Mensaje ajeno"))
        return dos_lineas(aparcado.evento.type, aparcado.evento.aggregateid)

    @display(description=_("Error"))
    def col_error(self, aparcado: EventoAparcado) -> str:
        """Beginning of the error."""
        return aparcado.error[:80]

    @display(description=_("Situación"))
    def col_situacion(self, aparcado: EventoAparcado) -> SafeString:
        """Parked or handed over again."""
        if aparcado.reencolado_en is None:
            return insignia("fallido", _("Aparcado"))
        return insignia("enviando", _("Reencolado %(cuando)s") % {
            "cuando": hace(aparcado.reencolado_en)
        })  # fmt: skip

    @display(description=_("Evento"))
    def col_enlace(self, aparcado: EventoAparcado) -> SafeString | str:
        """Link to the event."""
        return enlace(aparcado.evento)

    @display(description=_("Contenido"))
    def col_contenido(self, aparcado: EventoAparcado) -> SafeString:
        """CloudEvents document, or the foreign message as it came."""
        if aparcado.evento is None:
            return format_html("<pre>{}</pre>", aparcado.contenido)
        return contenido(aparcado.evento)
