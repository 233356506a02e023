"""Pages of campaigns."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from alpespartner.comun.admin.acciones import Accion, ConAcciones
from alpespartner.comun.admin.base import AdminPorServicio, actor_de
from alpespartner.comun.admin.formato import (
    id_corto,
    insignia,
)
from conversiones.admin.formularios import CampanaForm
from conversiones.campanas import services as campanas
from conversiones.campanas.estados import CAMPANA, EstadoCampana
from conversiones.campanas.models import Campana
from conversiones.campanas.propuestas import (
    PREDETERMINAR,
    lineas_de_predeterminar,
    proponer_predeterminada,
)

_C = EstadoCampana
_PERMISO_CAMPANA = "conversiones.cambiar_estado_campana"


@admin.register(Campana)
class CampanaAdmin(AdminPorServicio, ConAcciones):
    """Campaigns: data through services, states by buttons."""

    form = CampanaForm
    entidad = "campana"
    estados = dict(_C.choices)
    acciones = (
        Accion(
            nombre="activar",
            titulo=_("Activar"),
            permiso=_PERMISO_CAMPANA,
            visible=lambda c: CAMPANA.permite(c.estado, _C.ACTIVA),
            aplicar=lambda c, actor, _m: campanas.activar_campana(campana=c, actor=actor),
            exito=_("%(objeto)s está activa."),
            ayuda=_("Empieza a admitir conversiones."),
            icono="play_circle",
            tono="principal",
        ),
        Accion(
            nombre="pausar",
            titulo=_("Pausar"),
            permiso=_PERMISO_CAMPANA,
            visible=lambda c: CAMPANA.permite(c.estado, _C.PAUSADA),
            aplicar=lambda c, actor, motivo: campanas.pausar_campana(
                campana=c, actor=actor, motivo=motivo
            ),
            exito=_("%(objeto)s está en pausa."),
            motivo="obligatorio",
            ayuda=_("No admite conversiones hasta que se active de nuevo."),
            icono="pause_circle",
        ),
        Accion(
            nombre="finalizar",
            titulo=_("Finalizar"),
            permiso=_PERMISO_CAMPANA,
            visible=lambda c: CAMPANA.permite(c.estado, _C.FINALIZADA),
            aplicar=lambda c, actor, motivo: campanas.finalizar_campana(
                campana=c, actor=actor, motivo=motivo
            ),
            exito=_("%(objeto)s terminó."),
            motivo="obligatorio",
            ayuda=_("Es definitivo."),
            icono="stop_circle",
            tono="peligro",
        ),
        Accion(
            nombre="predeterminar",
            titulo=_("Hacer predeterminada"),
            permiso=_PERMISO_CAMPANA,
            visible=lambda c: not c.predeterminada,
            aplicar=lambda c, actor, motivo: proponer_predeterminada(
                campana=c, actor=actor, motivo=motivo
            ),
            exito=_(
                "Propuesto: %(objeto)s será la predeterminada cuando lo confirme otra persona."
            ),
            previa=lineas_de_predeterminar,
            propone=PREDETERMINAR.nombre,
            motivo="obligatorio",
            ayuda=_(
                "Recibirá las conversiones que no indican campaña, cuando lo confirme otra persona."
            ),
            icono="star",
        ),
    )
    list_display = ("nombre", "col_id", "moneda", "col_estado", "col_predeterminada", "inicia_en",
                    "termina_en")  # fmt: skip
    exporta = (
        "campana_id=id_publico", "referencia_externa", "nombre", "moneda", "estado",
        "predeterminada", "dias_retencion", "inicia_en", "termina_en",
    )  # fmt: skip
    list_filter = (("estado", ChoicesDropdownFilter),)
    search_fields = ("nombre__istartswith", "=id_publico", "=referencia_externa")
    search_help_text = _("Identificador, referencia o comienzo del nombre")
    ordering = ("-id",)
    readonly_fields = ("id_publico", "col_estado", "creada_en", "actualizado_en")
    fieldsets = (
        (_("Qué es"), {"fields": (("nombre", "referencia_externa"), "descripcion", "canales")}),
        (_("Dinero y fechas"), {"fields": (
            ("moneda", "presupuesto"), "inicia_en", "termina_en", "dias_retencion",
        )}),
        (_("Atribución"), {"fields": (("modelo_atribucion", "ventana_atribucion_dias"),)}),
    )  # fmt: skip
    _ficha = (
        _("Registro"),
        {"fields": (("id_publico", "col_estado"), ("creada_en", "actualizado_en"))},
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A saved campaign also shows its id and dates."""
        return self.fieldsets if obj is None else (*self.fieldsets, self._ficha)

    def crear(self, request: HttpRequest, datos: dict[str, Any]) -> Campana:
        return campanas.crear_campana(datos=datos, actor=actor_de(request))

    def actualizar(self, request: HttpRequest, objeto: Any, cambios: dict[str, Any]) -> Campana:
        return campanas.actualizar_campana(campana=objeto, cambios=cambios, actor=actor_de(request))

    @display(description=_("Identificador"))
    def col_id(self, campana: Campana) -> SafeString:
        """Short public id."""
        return id_corto(campana.id_publico)

    @display(description=_("Estado"))
    def col_estado(self, campana: Campana) -> SafeString:
        """State as a badge."""
        return insignia(campana.estado, campana.get_estado_display())

    @display(description=_("Predeterminada"), boolean=True)
    def col_predeterminada(self, campana: Campana) -> bool:
        """Whether it takes the conversions that name none."""
        return bool(campana.predeterminada)
