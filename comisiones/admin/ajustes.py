"""Adjustments: drafted by one person, approved by another."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from alpespartner.comun.admin.acciones import Accion, ConAcciones
from alpespartner.comun.admin.bandejas import Bandeja, de_otros, filtro_de
from alpespartner.comun.admin.base import AdminPorServicio, FormularioDeServicio, actor_de
from alpespartner.comun.admin.elegir import FiltroDeFila
from alpespartner.comun.admin.formato import (
    cuanto_y_quien,
    enlace,
    id_corto,
    importe,
    insignia,
    nombres_de_actores,
    opciones_de_moneda,
)
from comisiones.ajustes import services
from comisiones.ajustes.estados import AJUSTE, EstadoAjuste
from comisiones.ajustes.models import MANUALES, Ajuste

_PERMISO = "comisiones.aprobar_ajuste"


class AjusteForm(FormularioDeServicio):
    """An adjustment to draft."""

    tipo = forms.ChoiceField(
        label=_("Tipo"),
        choices=[(t.value, t.label) for t in MANUALES],
        widget=UnfoldAdminSelectWidget,
    )
    moneda = forms.ChoiceField(
        label=_("Moneda"), choices=opciones_de_moneda, widget=UnfoldAdminSelectWidget
    )

    class Meta:
        model = Ajuste
        fields = ("afiliado", "tipo", "monto", "moneda", "motivo", "concepto")
        help_texts = {
            "monto": _("Positivo, a favor del afiliado; negativo, en su contra."),
            "motivo": _("Lo lee quien lo aprueba; el afiliado, no."),
            "concepto": _("Lo que lee el afiliado en su PDF. Vacío: solo el tipo."),
        }


POR_APROBAR = Bandeja(
    "por_aprobar",
    _("Por aprobar, de otra persona"),
    Ajuste,
    de_otros(Ajuste.objects.filter(estado=EstadoAjuste.BORRADOR).order_by("id"), "creado_por"),
)


@admin.register(Ajuste)
class AjusteAdmin(AdminPorServicio, ConAcciones):
    """Four eyes: who drafts one cannot approve it. Posted ones never change."""

    si_vacia = _(
        "Lo que se suma o se quita fuera de las ventas: una persona lo redacta y otra lo "
        "aprueba. Las devoluciones de lo ya pagado los proponen solas."
    )

    form = AjusteForm
    entidad = "ajuste"
    estados = dict(EstadoAjuste.choices)
    acciones = (
        Accion(
            nombre="aprobar",
            titulo=_("Aprobar y contabilizar"),
            permiso=_PERMISO,
            visible=lambda a: AJUSTE.permite(a.estado, EstadoAjuste.APROBADO),
            impedimento=services.por_que_no_aprueba,
            aplicar=lambda a, actor, motivo: services.aprobar_ajuste(
                ajuste=a, actor=actor, motivo=motivo
            ),
            exito=_("%(objeto)s quedó contabilizado."),
            motivo="opcional",
            ayuda=_("Cambia lo que se le debe al afiliado. No se deshace: se hace otro."),
            icono="check_circle",
            tono="principal",
        ),
        Accion(
            nombre="descartar",
            titulo=_("Descartar"),
            permiso=_PERMISO,
            visible=lambda a: AJUSTE.permite(a.estado, EstadoAjuste.DESCARTADO),
            aplicar=lambda a, actor, motivo: services.descartar_ajuste(
                ajuste=a, actor=actor, motivo=motivo
            ),
            exito=_("%(objeto)s quedó descartado."),
            motivo="obligatorio",
            ayuda=_("Es definitivo."),
            icono="cancel",
            tono="peligro",
        ),
    )
    list_display = ("col_id", "col_afiliado", "tipo", "col_importe", "col_estado", "creado_en")
    exporta = (
        "ajuste_id=id_publico", "afiliado", "afiliado=afiliado.nombre", "comision", "tipo", "monto",
        "moneda", "concepto", "motivo", "estado", "creado_en", "contabilizado_en",
    )  # fmt: skip
    list_select_related = ("afiliado",)
    list_filter = (
        filtro_de(POR_APROBAR),
        ("estado", ChoicesDropdownFilter),
        ("tipo", ChoicesDropdownFilter),
        ("afiliado", FiltroDeFila),
    )
    search_fields = ("=id_publico",)
    search_help_text = _("Identificador")
    ordering = ("-id",)
    autocomplete_fields = ("afiliado",)
    warn_unsaved_form = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A saved adjustment shows what it is."""
        if obj is None:
            return ("afiliado", "tipo", "monto", "moneda", "motivo", "concepto")
        return (
            ("id_publico", "tipo"), ("col_afiliado", "col_comision"), "col_importe", "motivo",
            "concepto", ("col_creado_por", "col_aprobado_por"), "contabilizado_en",
        )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        return (
            "id_publico", "tipo", "col_afiliado", "col_comision", "col_importe", "motivo",
            "concepto", "col_creado_por", "col_aprobado_por", "contabilizado_en",
        )  # fmt: skip

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What somebody is about to approve must not change under them."""
        return False

    def crear(self, request: HttpRequest, datos: dict[str, Any]) -> Ajuste:
        return services.crear_ajuste(**datos, actor=actor_de(request))

    def nombre_de(self, objeto: Any) -> str:
        return cuanto_y_quien(objeto.monto, objeto.moneda, objeto.afiliado)

    @display(description=_("Ajuste"))
    def col_id(self, ajuste: Ajuste) -> SafeString:
        """Short public id."""
        return id_corto(ajuste.id_publico)

    @display(description=_("Afiliado"))
    def col_afiliado(self, ajuste: Ajuste) -> SafeString | str:
        """Link to the affiliate."""
        return enlace(ajuste.afiliado)

    @display(description=_("Comisión"))
    def col_comision(self, ajuste: Ajuste) -> SafeString | str:
        """Link to the commission that it corrects."""
        return enlace(ajuste.comision)

    @display(description=_("Importe"))
    def col_importe(self, ajuste: Ajuste) -> SafeString | str:
        """Signed amount."""
        return importe(ajuste.monto, ajuste.moneda)

    @display(description=_("Estado"))
    def col_estado(self, ajuste: Ajuste) -> SafeString:
        """State as a badge."""
        return insignia(ajuste.estado, ajuste.get_estado_display())

    @display(description=_("Redactado por"))
    def col_creado_por(self, ajuste: Ajuste) -> str:
        """Name of the author."""
        return nombres_de_actores([ajuste.creado_por])[ajuste.creado_por]

    @display(description=_("Aprobado por"))
    def col_aprobado_por(self, ajuste: Ajuste) -> str:
        """Name of who approved it."""
        return nombres_de_actores([ajuste.aprobado_por])[ajuste.aprobado_por]
