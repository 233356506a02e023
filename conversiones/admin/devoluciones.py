"""Refunds that wait for their sale."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from alpespartner.comun.admin.base import AdminSoloLectura
from alpespartner.comun.admin.elegir import FiltroDeFila
from alpespartner.comun.admin.formato import (
    dos_lineas,
    enlace,
    marca,
    nombres_de_actores,
)
from alpespartner.comun.formato import sin_moneda
from conversiones.ventas.models import Conversion, DevolucionPendiente
from conversiones.ventas.selectors import esperan_venta, no_cupieron


class FiltroSituacion(admin.SimpleListFilter):
    """Waiting, applied, or left because it did not fit its sale."""

    title = _("situación")
    parameter_name = "situacion"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [
            ("espera", _("Esperan su venta")),
            ("aplicada", _("Aplicadas")),
            ("problema", _("No cupieron")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "espera":
                return queryset & esperan_venta()
            case "problema":
                # By problem, as its index has them.
                return (queryset & no_cupieron()).order_by("-problema", "-pk")
            case "aplicada":
                return queryset.filter(resuelta_en__isnull=False, problema="")
        return queryset


@admin.register(DevolucionPendiente)
class DevolucionPendienteAdmin(AdminSoloLectura):
    """Refunds that came before their sale, and what became of each."""

    si_vacia = _(
        "Devoluciones que llegaron antes que su venta: se aplican solas cuando la venta llega."
    )

    list_display = ("id_externo", "referencia_externa", "campana", "col_monto", "col_situacion",
                    "creado_en")  # fmt: skip
    exporta = (
        "id_externo", "referencia_externa", "campana", "tipo", "monto", "moneda=campana.moneda",
        "motivo", "problema", "ocurrido_en", "creado_en", "resuelta_en",
    )  # fmt: skip
    list_select_related = ("campana",)
    list_filter = (FiltroSituacion, ("campana", FiltroDeFila))
    search_fields = ("=id_externo", "=referencia_externa")
    search_help_text = _("Identificador externo o referencia de la venta")
    ordering = ("-id",)
    fields = (
        ("id_externo", "tipo"), ("referencia_externa", "campana"), ("col_monto", "col_situacion"),
        ("ocurrido_en", "creado_en"), ("resuelta_en", "col_venta"), "motivo", "problema",
        "col_autor",
    )  # fmt: skip
    readonly_fields = ("col_monto", "col_situacion", "col_venta", "col_autor")

    @display(description=_("Monto"))
    def col_monto(self, devolucion: DevolucionPendiente) -> str:
        """Amount as it was given, in the currency of its sale, or that it is all of it."""
        if devolucion.monto is None:
            return gettext("Toda la venta")
        return sin_moneda(devolucion.monto)

    @display(description=_("Situación"))
    def col_situacion(self, devolucion: DevolucionPendiente) -> SafeString:
        """What became of it."""
        if devolucion.resuelta_en is None:
            return marca("aviso", _("Espera su venta"))
        if devolucion.problema:
            return dos_lineas(marca("mal", _("No cupo")), devolucion.problema[:60])
        return marca("bien", _("Aplicada"))

    @display(description=_("Venta"))
    def col_venta(self, devolucion: DevolucionPendiente) -> SafeString | str:
        """Link to the sale that came."""
        return enlace(
            Conversion.objects.filter(
                campana_id=devolucion.campana_id, referencia_externa=devolucion.referencia_externa
            ).first()
        )

    @display(description=_("Autor"))
    def col_autor(self, devolucion: DevolucionPendiente) -> str:
        """Who reported it."""
        return nombres_de_actores([devolucion.actor])[devolucion.actor]
