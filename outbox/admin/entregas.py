"""Deliveries that wait and events that were parked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from alpespartner.comun.admin.acciones import Accion, ConAcciones
from alpespartner.comun.admin.base import AdminSoloLectura, actor_de
from alpespartner.comun.admin.formato import dos_lineas, enlace, marca
from alpespartner.comun.errores import ErrorDominio
from alpespartner.comun.formato import hace
from outbox.admin.eventos import contenido
from outbox.consumo import CONSUMIDORES
from outbox.entrega import reencolar
from outbox.models import EntregaPendiente, EventoAparcado

# Of a selection, those that are handed over again at once: each is a transaction.
TOPE = 1_000


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


@admin.register(EntregaPendiente)
class EntregaPendienteAdmin(AdminSoloLectura):
    """What the embedded relay has not handed over yet."""

    si_vacia = _("Bien: nada espera a ser entregado.")

    list_display = ("col_evento", "suscripcion", "intentos", "no_antes_de", "ultimo_error")
    exporta = (
        "evento_id=evento.evento_id", "suscripcion", "intentos", "no_antes_de", "ultimo_error",
    )  # fmt: skip
    list_select_related = ("evento",)
    list_filter = (FiltroSuscripcion,)
    ordering = ("id",)
    fields = ("suscripcion", "col_enlace", "intentos", "no_antes_de", "ultimo_error")
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

    si_vacia = _(
        "Bien: ningún evento falló. Aquí quedan los que fallan cinco veces, hasta que alguien"
        " los vuelve a poner en cola."
    )

    entidad = "evento"
    acciones = (
        Accion(
            nombre="reencolar",
            titulo=_("Reencolar"),
            permiso="outbox.change_eventoaparcado",
            visible=lambda aparcado: aparcado.reencolado_en is None,
            aplicar=lambda aparcado, actor, _m: reencolar(aparcado=aparcado, actor=actor),
            exito=_("El evento vuelve a la cola de su suscripción."),
            ayuda=_("Arregla antes la causa: si falla otra vez, se aparcará de nuevo."),
            icono="replay",
            tono="principal",
        ),
    )
    actions = ("reencolar_varios",)
    list_display = ("col_evento", "suscripcion", "intentos", "col_error", "aparcado_en",
                    "col_situacion")  # fmt: skip
    exporta = (
        "evento_id=evento.evento_id", "suscripcion", "intentos", "error", "aparcado_en",
        "reencolado_en",
    )  # fmt: skip
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

    def has_reencolar_permission(self, request: HttpRequest) -> bool:
        """Whoever may re-queue one."""
        return request.user.has_perm(self.acciones[0].permiso)

    @admin.action(description=_("Reencolar"), permissions=["reencolar"])
    def reencolar_varios(self, request: HttpRequest, queryset: QuerySet[EventoAparcado]) -> None:
        """Those that were selected, each by itself: one that may not does not stop the others."""
        hechos, no = 0, 0
        for aparcado in queryset.order_by("id")[:TOPE]:
            try:
                reencolar(aparcado=aparcado, actor=actor_de(request))
                hechos += 1
            except ErrorDominio:
                no += 1
        if hechos:
            self.message_user(request, ngettext(
                "%(n)s evento vuelve a su cola.", "%(n)s eventos vuelven a su cola.", hechos
            ) % {"n": hechos}, messages.SUCCESS)  # fmt: skip
        if no:
            self.message_user(request, ngettext(
                "%(n)s no: ya se reencoló, o es un mensaje ajeno.",
                "%(n)s no: ya se reencolaron, o son mensajes ajenos.", no,
            ) % {"n": no}, messages.WARNING)  # fmt: skip

    @display(description=_("Evento"))
    def col_evento(self, aparcado: EventoAparcado) -> SafeString | str:
        """Type and aggregate."""
        if aparcado.evento is None:
            return str(_("Mensaje ajeno"))
        return dos_lineas(aparcado.evento.type, aparcado.evento.aggregateid)

    @display(description=_("Error"))
    def col_error(self, aparcado: EventoAparcado) -> str:
        """What it said, without what the code calls that kind of error."""
        clase, _sep, dicho = aparcado.error.partition(": ")
        return (dicho or clase)[:80]

    @display(description=_("Situación"))
    def col_situacion(self, aparcado: EventoAparcado) -> SafeString:
        """Parked or handed over again."""
        if aparcado.reencolado_en is None:
            return marca("mal", _("Aparcado"))
        return marca("info", _("Reencolado %(cuando)s") % {
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
