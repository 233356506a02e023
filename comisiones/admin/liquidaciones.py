"""Self-billing documents: looked at and downloaded."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from alpespartner.comun.admin.base import AdminSoloLectura
from alpespartner.comun.admin.elegir import FiltroDeFila
from alpespartner.comun.admin.formato import enlace, importe
from alpespartner.comun.documentos.pdf import respuesta_pdf
from alpespartner.comun.errores import DatoInvalido
from comisiones.admin.busqueda import liquidaciones_de
from comisiones.liquidaciones.documento import nombre_de, partes_de, pdf_de
from comisiones.liquidaciones.models import Liquidacion


@admin.register(Liquidacion)
class LiquidacionAdmin(AdminSoloLectura):
    """Documents by number, newest first."""

    si_vacia = _("El documento de cada pago confirmado: se numera solo.")

    list_display = ("col_numero", "tipo", "afiliado", "col_importe", "emitida_en")
    exporta = (
        "liquidacion_id=id_publico", "serie", "numero", "tipo", "pago", "afiliado", "importe",
        "moneda", "emitida_en",
    )  # fmt: skip
    list_select_related = ("afiliado",)
    list_filter = (("afiliado", FiltroDeFila), ("tipo", ChoicesDropdownFilter))
    search_fields = ("numero",)
    search_help_text = _(
        "Número (2026-000042, o 42), referencia de la venta, identificador, o nombre o correo"
    )
    ordering = ("-id",)
    fields = (
        ("col_numero", "tipo"), ("col_afiliado", "col_importe"), ("col_pago", "emitida_en"),
        ("col_receptor", "col_emisor"), "col_documento",
    )  # fmt: skip
    readonly_fields = (
        "col_numero", "col_afiliado", "col_importe", "col_pago", "col_receptor", "col_emisor",
        "col_documento",
    )  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        """Adds the file."""
        return [
            path(
                "<int:pk>/documento/<int:parte>/",
                self.admin_site.admin_view(self.vista_documento),
                name="comisiones_liquidacion_documento",
            ),
            *super().get_urls(),
        ]

    def vista_documento(self, request: HttpRequest, pk: int, parte: int) -> HttpResponse:
        """One part of a document as PDF."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        liquidacion = get_object_or_404(
            Liquidacion.objects.select_related("pago", "afiliado"), pk=pk
        )
        try:
            documento = pdf_de(liquidacion, parte)
        except DatoInvalido as exc:
            raise Http404(exc.mensaje) from None
        return respuesta_pdf(documento, nombre_de(liquidacion, parte, partes_de(liquidacion)))

    def buscar(self, consulta: QuerySet[Any], termino: str) -> QuerySet[Any]:
        """Keys found by indexes: of a number, of a payment or what it pays, or of an affiliate."""
        return consulta.filter(liquidaciones_de(termino))

    @display(description=_("Número"))
    def col_numero(self, liquidacion: Liquidacion) -> str:
        """As printed."""
        return liquidacion.numero_completo

    @display(description=_("Cobra"))
    def col_receptor(self, liquidacion: Liquidacion) -> SafeString:
        """Who is paid, as it was when the document was issued."""
        return _parte(liquidacion.receptor)

    @display(description=_("Paga"))
    def col_emisor(self, liquidacion: Liquidacion) -> SafeString:
        """Who pays, as it was when the document was issued."""
        return _parte(liquidacion.emisor)

    @display(description=_("Importe"))
    def col_importe(self, liquidacion: Liquidacion) -> SafeString | str:
        """Amount."""
        return importe(liquidacion.importe, liquidacion.moneda)

    @display(description=_("Afiliado"))
    def col_afiliado(self, liquidacion: Liquidacion) -> Any:
        """Link to the affiliate."""
        return enlace(liquidacion.afiliado)

    @display(description=_("Pago"))
    def col_pago(self, liquidacion: Liquidacion) -> Any:
        """Link to the payment."""
        return enlace(liquidacion.pago)

    @display(description=_("Documento"))
    def col_documento(self, liquidacion: Liquidacion) -> SafeString:
        """Link to each file."""
        total = partes_de(liquidacion)
        return format_html_join(
            " · ",
            '<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>',
            (
                (
                    reverse("admin:comisiones_liquidacion_documento", args=[liquidacion.pk, parte]),
                    format_html("PDF {} / {}", parte, total) if total > 1 else "PDF",
                )
                for parte in range(1, total + 1)
            ),
        )


def _parte(datos: dict[str, str]) -> SafeString:
    dichos = ((valor,) for valor in datos.values() if valor)
    return format_html_join(mark_safe("<br>"), "{}", dichos)
