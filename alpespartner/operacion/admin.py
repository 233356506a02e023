"""Alerts, and the page of the monitor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from alpespartner.comun.admin.acciones import ConAcciones
from alpespartner.comun.admin.base import AdminSoloLectura
from alpespartner.comun.admin.formato import dos_lineas, marca
from alpespartner.comun.formato import VACIO, fecha_y_hora
from alpespartner.comun.textos import entero
from alpespartner.operacion.models import Alerta
from alpespartner.operacion.monitor import vista
from alpespartner.operacion.monitor.lectura import leer_hace_poco
from alpespartner.operacion.monitor.problemas import decir
from outbox.admin.eventos import contenido
from outbox.registro import CONTEXTOS, TIPOS

_VE_EVENTOS = "outbox.view_outboxevent"


class FiltroSituacion(DropdownFilter):
    """Open or closed."""

    title = _("situación")
    parameter_name = "situacion"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [("abierta", _("Abiertas")), ("cerrada", _("Cerradas"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "abierta":
            return queryset.filter(viva=True)
        return queryset.filter(viva=None) if self.value() == "cerrada" else queryset


@admin.register(Alerta)
class AlertaAdmin(AdminSoloLectura, ConAcciones):
    """What was wrong, the newest first; and how all is now."""

    entidad = "alerta"
    si_vacia = _("Bien: nada ha ido mal. Las alertas se abren y se cierran solas.")

    list_display = ("col_que", "col_situacion", "abierta_en", "cerrada_en", "avisada_en")
    exporta = ("id_publico", "clave", "abierta_en", "vista_en", "avisada_en", "cerrada_en")
    list_filter = (FiltroSituacion,)
    ordering = ("-id",)
    fields = (
        ("col_titulo", "col_situacion"), "col_detalle", "col_que_hacer",
        ("abierta_en", "vista_en"), ("avisada_en", "cerrada_en"),
    )  # fmt: skip
    readonly_fields = ("col_titulo", "col_situacion", "col_detalle", "col_que_hacer")

    def get_urls(self) -> list[URLPattern]:
        """With the monitor, and what it asks for again and again."""
        return [
            path(
                "monitor/",
                self.admin_site.admin_view(require_safe(self.vista_monitor)),
                name=self.nombre_de_vista("monitor"),
            ),
            path(
                "monitor/avance/",
                self.admin_site.admin_view(require_safe(self.vista_avance)),
                name=self.nombre_de_vista("monitor_avance"),
            ),
            *super().get_urls(),
        ]

    def vista_monitor(self, request: HttpRequest) -> HttpResponse:
        """How all is now, with the newest events."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        contexto = {
            **self.admin_site.each_context(request),
            "title": _("Monitor"),
            "media": self.media,
            "url_avance": reverse(f"admin:{self.nombre_de_vista('monitor_avance')}"),
            "url_alertas": reverse(f"admin:{self.nombre_de_vista('changelist')}"),
            "tipos": sorted(TIPOS),
            "contextos": CONTEXTOS,
            **_ahora(request),
        }
        return TemplateResponse(request, "admin/alpes/monitor.html", contexto)

    def vista_avance(self, request: HttpRequest) -> HttpResponse:
        """The part of the page that changes: figures, and events after ``desde``."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return TemplateResponse(request, "admin/alpes/monitor_avance.html", _ahora(request))

    @display(description=_("Qué"))
    def col_que(self, alerta: Alerta) -> SafeString:
        """What is wrong, and how much."""
        dicho = decir(alerta.clave, alerta.datos)
        return dos_lineas(dicho.titulo, dicho.detalle[:120])

    @display(description=_("Qué"))
    def col_titulo(self, alerta: Alerta) -> str:
        """What is wrong."""
        return decir(alerta.clave, alerta.datos).titulo

    @display(description=_("Detalle"))
    def col_detalle(self, alerta: Alerta) -> str:
        """How much, when it was last seen."""
        return decir(alerta.clave, alerta.datos).detalle or VACIO

    @display(description=_("Qué hacer"))
    def col_que_hacer(self, alerta: Alerta) -> str:
        """What to do next."""
        return decir(alerta.clave, alerta.datos).que_hacer or VACIO

    @display(description=_("Situación"))
    def col_situacion(self, alerta: Alerta) -> SafeString:
        """Open, closed, or seen once."""
        if alerta.cerrada_en is not None:
            return marca("bien", _("Cerrada"))
        if alerta.abierta_en is None:
            return marca("neutro", _("Vista una vez"))
        return marca("mal", _("Abierta desde %(cuando)s") % {
            "cuando": fecha_y_hora(alerta.abierta_en)
        })  # fmt: skip


def _ahora(request: HttpRequest) -> dict[str, Any]:
    lectura = leer_hace_poco()
    contexto: dict[str, Any] = {
        "lectura": lectura,
        "cifras": list(vista.cifras(lectura)),
        "suscripciones": vista.suscripciones(lectura),
        "avisos": vista.avisos(lectura),
        "series": vista.series(lectura),
        "transporte": vista.transporte(lectura),
        "ve_eventos": request.user.has_perm(_VE_EVENTOS),
    }
    if contexto["ve_eventos"]:
        desde = entero(request.GET.get("desde", "")) or 0
        eventos, hasta = vista.cola(
            desde=desde,
            tipo=request.GET.get("tipo", ""),
            contexto=request.GET.get("contexto", ""),
        )
        contexto |= {"eventos": [(uno, contenido(uno)) for uno in eventos], "hasta": hasta}
    return contexto
