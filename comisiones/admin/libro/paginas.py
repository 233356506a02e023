"""The ledger, read-only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.admin.base import AdminSoloLectura
from alpespartner.comun.admin.elegir import FiltroDeFila
from alpespartner.comun.admin.formato import enlace, importe
from alpespartner.comun.formato import VACIO
from comisiones.admin.comision.detalle import apuntes_de
from comisiones.admin.libro.extracto import ver_extracto
from comisiones.libro.models import Apunte, Asiento


@admin.register(Asiento)
class AsientoAdmin(AdminSoloLectura):
    """Balanced entries, newest first."""

    si_vacia = _("El libro. Cada aprobación, pago y devolución escribe el suyo.")

    list_display = ("id_publico", "tipo", "origen", "creado_en")
    search_fields = ("origen",)
    search_help_text = _("Identificador exacto del origen (com_…, pago_…) o del asiento")
    ordering = ("-id",)
    fields = (("id_publico", "creado_en"), ("tipo", "origen"))
    change_form_outer_after_template = "admin/alpes/asiento.html"

    def buscar(self, consulta: QuerySet[Any], termino: str) -> QuerySet[Any]:
        """Exact id, of the entry or of its cause."""
        campo = "id_publico" if termino.startswith("as_") else "origen"
        return consulta.filter(**{campo: termino})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Adds the lines."""
        obj = kwargs.get("obj")
        if obj is not None:
            context["apuntes"] = apuntes_de([obj.origen])
        return super().render_change_form(request, context, *args, **kwargs)


@admin.register(Apunte)
class ApunteAdmin(AdminSoloLectura):
    """Lines: the statement of an affiliate."""

    si_vacia = _("Las líneas del libro, de dos en dos o más por asiento.")

    list_display = ("asiento", "cuenta", "afiliado", "col_debe", "col_haber", "col_fecha")
    exporta = (
        "apunte_id=id", "asiento", "tipo=asiento.tipo", "origen=asiento.origen", "cuenta",
        "afiliado", "importe", "moneda", "creado_en=asiento.creado_en",
    )  # fmt: skip
    list_select_related = ("asiento", "afiliado")
    list_filter = (("afiliado", FiltroDeFila), ("cuenta", ChoicesDropdownFilter))
    ordering = ("-id",)
    fields = ("col_asiento", "cuenta", "afiliado", "col_debe", "col_haber", "col_fecha")
    readonly_fields = ("col_asiento", "col_debe", "col_haber", "col_fecha")

    def get_urls(self) -> list[URLPattern]:
        """Adds the statement of an affiliate."""
        return [
            path(
                "extracto/<int:afiliado_pk>/",
                self.admin_site.admin_view(self.vista_extracto),
                name="comisiones_apunte_extracto",
            ),
            *super().get_urls(),
        ]

    def vista_extracto(self, request: HttpRequest, afiliado_pk: int) -> HttpResponse:
        """What an affiliate was owed in a month, on the page or as a file."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return ver_extracto(self, request, get_object_or_404(Afiliado, pk=afiliado_pk))

    @display(description=_("Asiento"))
    def col_asiento(self, apunte: Apunte) -> SafeString | str:
        """Link to the entry."""
        return enlace(apunte.asiento)

    @display(description=_("Debe"))
    def col_debe(self, apunte: Apunte) -> SafeString | str:
        """Debit."""
        return importe(apunte.importe, apunte.moneda) if apunte.importe > 0 else VACIO

    @display(description=_("Haber"))
    def col_haber(self, apunte: Apunte) -> SafeString | str:
        """Credit."""
        return importe(-apunte.importe, apunte.moneda) if apunte.importe < 0 else VACIO

    @display(description=_("Fecha"))
    def col_fecha(self, apunte: Apunte) -> Any:
        """Date of the entry."""
        return apunte.asiento.creado_en
