"""The statements that were sent of the reports: looked at and downloaded, never changed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from unfold.decorators import display

from alpespartner.comun.actores import de_texto
from alpespartner.comun.admin.base import AdminSoloLectura, actor_de
from alpespartner.comun.admin.elegir import FiltroDeFila
from alpespartner.comun.admin.formato import enlace, nombres_de_actores
from alpespartner.comun.documentos.hojas import respuesta_csv
from alpespartner.comun.formato import VACIO
from comisiones.admin.reportes.tablas import de_diferencias, de_lineas
from comisiones.reportes import documento
from comisiones.reportes.models import EnvioReporte
from comisiones.reportes.selectors import con_envios


@admin.register(EnvioReporte)
class EnvioReporteAdmin(AdminSoloLectura):
    """What was sent, newest first, of the reports that whoever looks may see."""

    si_vacia = _("Lo que se envió de cada reporte, como se envió.")
    change_form_outer_after_template = "admin/alpes/envio_reporte.html"

    list_display = ("id_publico", "col_reporte", "desde", "hasta", "lineas", "diferencias",
                    "enviado_en")  # fmt: skip
    exporta = (
        "envio_id=id_publico", "reporte", "desde", "hasta", "lineas", "diferencias", "huella",
        "enviado_en",
    )  # fmt: skip
    list_select_related = ("reporte",)
    list_filter = (("reporte", FiltroDeFila),)
    search_fields = ("=id_publico",)
    search_help_text = _("Identificador")
    ordering = ("-id",)
    fields = (
        ("col_reporte", "id_publico"), ("desde", "hasta"), ("enviado_en", "col_autor"),
        "col_destinatarios", "huella",
    )  # fmt: skip
    readonly_fields = ("col_reporte", "col_autor", "col_destinatarios")

    def get_queryset(self, request: HttpRequest) -> QuerySet[EnvioReporte]:
        """Of one's own reports and the shared ones; in a list, without what they say."""
        suyos = super().get_queryset(request).defer("documento")
        if request.user.is_superuser:
            return suyos
        return suyos.filter(reporte__in=con_envios(actor_de(request)))

    def get_urls(self) -> list[URLPattern]:
        """Adds its files."""
        return [
            *(
                path(
                    f"<path:object_id>/{nombre}/",
                    self.admin_site.admin_view(require_safe(vista)),
                    name=self.nombre_de_vista(nombre),
                )
                for nombre, vista in (
                    ("csv", self.vista_csv),
                    ("diferencias", self.vista_diferencias),
                    ("documento", self.vista_documento),
                )
            ),
            *super().get_urls(),
        ]

    def vista_csv(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Its lines and totals, as they were sent."""
        suyo = _leido(self.objeto_o_404(request, object_id))
        return respuesta_csv(documento.a_csv(suyo), documento.fichero_de(suyo))

    def vista_diferencias(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What it told of earlier ones."""
        suyo = _leido(self.objeto_o_404(request, object_id))
        nombre = documento.fichero_de(suyo, "diferencias")
        return respuesta_csv(documento.diferencias_a_csv(suyo), nombre)

    def vista_documento(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Its exact text, whose SHA-256 it has."""
        envio = self.objeto_o_404(request, object_id)
        return HttpResponse(
            envio.documento,
            content_type="application/json; charset=utf-8",
            headers={
                "Content-Disposition": content_disposition_header(True, f"{envio.id_publico}.json"),
                "Cache-Control": "private, no-store",
            },
        )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The page, with what it says."""
        envio = context.get("original")
        if envio is not None:
            context |= contexto_de_envio(envio)
        return super().render_change_form(request, context, *args, **kwargs)

    @display(description=_("Reporte"))
    def col_reporte(self, envio: EnvioReporte) -> SafeString | str:
        """Link to the report."""
        return enlace(envio.reporte)

    @display(description=_("Enviado por"))
    def col_autor(self, envio: EnvioReporte) -> str:
        """The clock, or who had it sent."""
        return nombres_de_actores([envio.enviado_por])[envio.enviado_por]

    @display(description=_("A quién"))
    def col_destinatarios(self, envio: EnvioReporte) -> str:
        """The persons whom it went to the first time."""
        dichos = envio.destinatarios if isinstance(envio.destinatarios, list) else []
        suyos = [str(uno) for uno in dichos if de_texto(str(uno)).id.isdigit()]
        nombres = nombres_de_actores(suyos)
        return ", ".join(nombres[uno] for uno in suyos) or VACIO


def _leido(envio: EnvioReporte) -> dict[str, Any]:
    try:
        return documento.leido(envio)
    except ValueError:
        # No service wrote it.
        raise Http404 from None


def contexto_de_envio(envio: EnvioReporte) -> dict[str, Any]:
    """What the page of a statement shows."""
    try:
        suyo = documento.leido(envio)
        bloques = [
            de_lineas(suyo, _now("Como se envió")),
            de_diferencias(
                suyo, _now("Lo que había cambiado de los anteriores"),
                _now("Nada de lo enviado antes había cambiado."),
            ),
        ]  # fmt: skip
    except (ValueError, KeyError, TypeError):
        return {"bloques": [], "ilegible": True}
    ficheros = [("csv", "CSV"), ("documento", "JSON")]
    if suyo["diferencias"]:
        ficheros.insert(1, ("diferencias", _now("Diferencias (CSV)")))
    return {
        "bloques": bloques,
        "ficheros": [
            (titulo, reverse(f"admin:comisiones_envioreporte_{nombre}", args=[envio.pk]))
            for nombre, titulo in ficheros
        ],
    }
