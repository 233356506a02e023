"""Long lists that a person asked for as files: how far each is, and the file."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from unfold.decorators import display

from alpespartner.comun.admin.avance import Avance, ConAvance
from alpespartner.comun.admin.base import AdminSoloLectura, actor_de
from alpespartner.comun.admin.exportar import pagina_de, puede_llevarse
from alpespartner.comun.admin.formato import id_corto, insignia
from alpespartner.comun.errores import ErrorDominio
from alpespartner.comun.exportacion import hoja
from alpespartner.comun.exportacion.estados import VIVAS
from alpespartner.comun.exportacion.paquete import es_de_alguien, zip_guardado
from alpespartner.comun.exportacion.services import DIAS, anotar_descarga, entregar_exportacion
from alpespartner.comun.formato import entero
from alpespartner.comun.models import EstadoExportacion, Exportacion

_E = EstadoExportacion


@admin.register(Exportacion)
class ExportacionAdmin(AdminSoloLectura, ConAvance):
    """Each person sees their own: anybody else's is not there."""

    si_vacia = _(
        "Las listas largas que pides con «Exportar» se preparan aquí, y se borran a los tres días."
    )

    entidad = "exportacion"
    estados = dict(_E.choices)
    change_form_outer_after_template = "admin/alpes/exportacion.html"
    list_display = ("col_id", "col_lista", "filtro", "col_filas", "creada_en", "col_estado")
    ordering = ("-id",)
    fields = (("col_lista", "filtro"), ("creada_en", "leida_en"), "terminada_en")
    readonly_fields = ("col_lista", "filtro", "creada_en", "leida_en", "terminada_en")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Exportacion]:
        """Those of whoever asks."""
        return super().get_queryset(request).filter(creada_por=str(actor_de(request)))

    def get_urls(self) -> list[URLPattern]:
        """Adds the file."""
        return [
            path(
                "<path:object_id>/descargar/",
                self.admin_site.admin_view(require_POST(self.vista_descargar)),
                name=self.nombre_de_vista("descargar"),
            ),
            *super().get_urls(),
        ]

    def vista_descargar(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """The file, for whoever made it while they may see the list."""
        exportacion: Exportacion = self.objeto_o_404(request, object_id)
        if not puede_llevarse(exportacion, request.user):
            raise PermissionDenied
        actor = actor_de(request)
        de_alguien = es_de_alguien(exportacion)
        try:
            if de_alguien:
                partes = zip_guardado(anotar_descarga(exportacion=exportacion, actor=actor))
            else:
                partes = entregar_exportacion(exportacion=exportacion, actor=actor)
        except ErrorDominio as exc:
            messages.error(request, exc.mensaje)
            return redirect(f"admin:{self.nombre_de_vista('change')}", exportacion.pk)
        if de_alguien:
            nombre, tipo = f"datos-{exportacion.filtro}.zip", "application/zip"
        else:
            leida_en = exportacion.leida_en or exportacion.creada_en
            nombre = hoja.nombre_de(exportacion.modelo, leida_en)
            tipo = "text/csv; charset=utf-8"
        return StreamingHttpResponse(
            partes,
            content_type=tipo,
            headers={
                "Content-Disposition": content_disposition_header(True, nombre) or "",
                "Cache-Control": "private, no-store",
            },
        )

    def contexto_de(self, request: HttpRequest, objeto: Any) -> dict[str, Any]:
        """Whether there is a file to take, and until when."""
        return {
            "title": _("Exportación"),
            "subtitle": objeto.id_publico,
            "hay_fichero": objeto.estado == _E.LISTA,
            "de_alguien": es_de_alguien(objeto),
            "dias": DIAS,
            "escritas": entero(objeto.total),
        }

    def avance_de(self, objeto: Any) -> Avance:
        """Rows written, of those that the list had."""
        return Avance(
            viva=objeto.estado in VIVAS,
            estado=objeto.estado,
            insignia=insignia(objeto.estado, objeto.get_estado_display()),
            dicho=_cuentas(objeto),
            hechas=objeto.hechas,
            total=max(objeto.total, objeto.hechas),
            problema=objeto.problema,
        )

    @display(description=_("Identificador"))
    def col_id(self, exportacion: Exportacion) -> SafeString:
        """Short public id."""
        return id_corto(exportacion.id_publico)

    @display(description=_("Lista"))
    def col_lista(self, exportacion: Exportacion) -> str:
        """What the admin calls it."""
        if es_de_alguien(exportacion):
            return _now("Los datos de alguien")
        pagina = pagina_de(exportacion)
        if pagina is None:
            return exportacion.modelo
        return str(pagina.model._meta.verbose_name_plural).capitalize()

    @display(description=_("Filas"))
    def col_filas(self, exportacion: Exportacion) -> str:
        """How many."""
        return _cuentas(exportacion)

    @display(description=_("Estado"))
    def col_estado(self, exportacion: Exportacion) -> SafeString:
        """State as a badge."""
        return insignia(exportacion.estado, exportacion.get_estado_display())


def _cuentas(exportacion: Exportacion) -> str:
    if exportacion.estado == _E.ENCOLADA:
        return _now("Espera su turno.")
    if exportacion.estado == _E.EN_CURSO:
        return _now("%(hechas)s filas de %(total)s") % {
            "hechas": entero(exportacion.hechas),
            "total": entero(exportacion.total),
        }
    n = exportacion.total
    return ngettext("%(n)s fila", "%(n)s filas", n) % {"n": entero(n)}
