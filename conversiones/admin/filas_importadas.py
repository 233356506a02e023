"""What became of each row of the files that were imported."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, DropdownFilter
from unfold.decorators import display

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.admin.base import AdminSoloLectura
from alpespartner.comun.admin.formato import enlace, etiqueta
from conversiones.fuentes.estados import Resultado
from conversiones.fuentes.models import FilaImportada
from conversiones.ventas.models import Conversion, MovimientoConversion

_R = Resultado


class FiltroResultado(DropdownFilter):
    """Of the rows of one import: of all of them there are too many to look for a result."""

    title = _("resultado")
    parameter_name = "resultado"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return _R.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in _R.values and "importacion__id__exact" in request.GET:
            return queryset.filter(resultado=self.value())
        return queryset


_DE = {"conv": Conversion, "mov": MovimientoConversion, "af": Afiliado}


@admin.register(FilaImportada)
class FilaImportadaAdmin(AdminSoloLectura):
    """What became of each row of a file."""

    list_display = ("linea", "col_importacion", "col_resultado", "objeto", "columna", "detalle")
    list_select_related = ("importacion",)
    list_filter = (("importacion", AutocompleteSelectFilter), FiltroResultado)
    # The index backwards.
    ordering = ("-importacion_id", "-resultado", "-id")
    fields = ("linea", "col_importacion", "col_resultado", "col_objeto", "columna", "detalle")
    readonly_fields = fields

    @display(description=_("Importación"))
    def col_importacion(self, fila: FilaImportada) -> SafeString | str:
        """Link to its file."""
        return enlace(fila.importacion, fila.importacion.nombre)

    @display(description=_("Resultado"))
    def col_resultado(self, fila: FilaImportada) -> str:
        """What became of it."""
        return etiqueta(_R, fila.resultado)

    @display(description=_("Qué es"))
    def col_objeto(self, fila: FilaImportada) -> SafeString | str:
        """Link to what it made."""
        modelo: Any = _DE.get(fila.objeto.partition("_")[0])
        objeto = modelo and modelo.objects.filter(id_publico=fila.objeto).first()
        if isinstance(objeto, MovimientoConversion):
            return enlace(objeto.conversion, fila.objeto)
        return enlace(objeto)
