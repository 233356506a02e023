"""The history in the admin."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from alpespartner.comun.admin import usuarios as admin_usuarios  # noqa: F401 - registers its pages
from alpespartner.comun.admin.autores import ConAutor
from alpespartner.comun.admin.base import (
    AdminSoloLectura,
)
from alpespartner.comun.admin.formato import insignia
from alpespartner.comun.formato import VACIO
from alpespartner.comun.models import Historial
from alpespartner.comun.vocabulario import ENTIDADES, nombre_de_accion, nombre_de_entidad


def _estado(entidad: str, estado: str) -> str:
    """What the page of an entity calls one of its states."""
    for pagina in admin.site._registry.values():
        estados = getattr(pagina, "estados", None)
        if estados and getattr(pagina, "entidad", "") == entidad:
            return str(estados.get(estado, estado.replace("_", " ")))
    return estado.replace("_", " ") or VACIO


@admin.register(Historial)
class HistorialAdmin(AdminSoloLectura, ConAutor):
    """Every step of every aggregate."""

    si_vacia = _("Quién hizo qué y cuándo. Cada paso escribe su línea.")

    campo_autor = "actor"
    list_display = (
        "creado_en",
        "col_entidad",
        "entidad_id",
        "col_accion",
        "col_estado",
        "col_autor",
    )
    exporta = (
        "creado_en", "entidad", "entidad_id", "accion", "estado_anterior", "estado_nuevo", "actor",
        "motivo",
    )  # fmt: skip
    search_fields = ("entidad_id",)
    search_help_text = _("Identificador exacto: com_…, af_…, pago_…")
    ordering = ("-id",)
    fields = (
        "creado_en", "col_entidad", "entidad_id", "col_accion", "col_antes", "col_estado",
        "col_autor", "motivo", "col_datos",
    )  # fmt: skip
    readonly_fields = (
        "col_entidad", "col_accion", "col_antes", "col_estado", "col_autor", "col_datos",
    )  # fmt: skip

    def buscar(self, consulta: QuerySet[Any], termino: str) -> QuerySet[Any]:
        """Exact id only: the table grows with every step of every aggregate."""
        # With the entity the index serves; a list of all of them is still a few probes.
        return consulta.filter(entidad__in=list(ENTIDADES), entidad_id=termino)

    @display(description=_("De qué"))
    def col_entidad(self, paso: Historial) -> str:
        """What kind of thing it happened to."""
        return nombre_de_entidad(paso.entidad)

    @display(description=_("Estado anterior"))
    def col_antes(self, paso: Historial) -> str:
        """State before, as its own page calls it."""
        return _estado(paso.entidad, paso.estado_anterior)

    @display(description=_("Estado"))
    def col_estado(self, paso: Historial) -> SafeString | str:
        """State after."""
        if not paso.estado_nuevo:
            return VACIO
        return insignia(paso.estado_nuevo, _estado(paso.entidad, paso.estado_nuevo))

    @display(description=_("Acción"))
    def col_accion(self, paso: Historial) -> str:
        """Action as a noun."""
        return nombre_de_accion(paso.entidad, paso.accion)

    @display(description=_("Autor"))
    def col_autor(self, paso: Historial) -> str:
        """Name of the author."""
        return self.nombre_de_autor(paso)

    @display(description=_("Datos"))
    def col_datos(self, paso: Historial) -> SafeString:
        """Data of the step."""
        return format_html(
            '<pre class="ap-json">{}</pre>', json.dumps(paso.datos, ensure_ascii=False, indent=2)
        )
