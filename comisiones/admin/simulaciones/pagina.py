"""Backtests: write or upload a candidate, watch it advance, read who would win and lose."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextareaWidget

from alpespartner.comun.admin.acciones import Accion, ConAcciones
from alpespartner.comun.admin.avance import Avance, ConAvance
from alpespartner.comun.admin.base import (
    AdminPorServicio,
    AdminSoloLectura,
    FormularioDeServicio,
    actor_de,
)
from alpespartner.comun.admin.elegir import FiltroDeFila
from alpespartner.comun.admin.formato import enlace, importe, insignia, nombres_de_actores
from alpespartner.comun.formato import entero
from comisiones.admin.simulaciones.contraste import contraste
from comisiones.simulaciones.estados import SIMULACION, EstadoSimulacion
from comisiones.simulaciones.models import LineaSimulacion, Simulacion
from comisiones.simulaciones.services import (
    DIAS_INICIALES,
    MAX_POLITICA,
    cancelar_simulacion,
    crear_simulacion,
)

PERMISO = "comisiones.simular"
_EJEMPLO = '{"moneda": "USD", "reglas": [{"tipo": "porcentual", "porcentaje": "12"}]}'


class SimulacionForm(FormularioDeServicio):
    """A policy to try, pasted or uploaded, and over which sales."""

    archivo = forms.FileField(
        label=_("o su archivo"),
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text=format_lazy(_("JSON en UTF-8, hasta {n} KiB."), n=MAX_POLITICA // 1024),
    )

    class Meta:
        model = Simulacion
        fields = ("nombre", "politica", "campana", "desde", "hasta")
        widgets = {
            "politica": UnfoldAdminTextareaWidget(attrs={"rows": 12, "placeholder": _EJEMPLO})
        }
        help_texts = {
            "politica": _(
                "El JSON de «simular», con afiliados y campañas por su identificador (af_…,"
                " camp_…). Se compara con las ventas en su moneda."
            ),
        }

    def clean_archivo(self) -> str:
        """Text of the file; it is not read when it is too large."""
        archivo = self.cleaned_data["archivo"]
        if archivo is None:
            return ""
        if archivo.size > MAX_POLITICA:
            raise forms.ValidationError(_now("El archivo es demasiado grande."))
        try:
            contenido: str = archivo.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise forms.ValidationError(_now("El archivo no es texto UTF-8.")) from None
        if self.cleaned_data.get("politica", "").strip():
            raise forms.ValidationError(_now("Pega la política o sube su archivo, no ambos."))
        return contenido


@admin.register(Simulacion)
class SimulacionAdmin(AdminPorServicio, ConAvance, ConAcciones):
    """They are created and stopped; what they found is never edited."""

    si_vacia = _(
        "Qué habrían ganado los afiliados con otras reglas. Añade una y míralo sin cambiar nada."
    )

    form = SimulacionForm
    entidad = "simulacion"
    estados = dict(EstadoSimulacion.choices)
    acciones = (
        Accion(
            nombre="cancelar",
            titulo=_("Cancelar"),
            permiso=PERMISO,
            visible=lambda s: SIMULACION.permite(s.estado, EstadoSimulacion.CANCELADA),
            aplicar=lambda s, actor, _m: cancelar_simulacion(simulacion=s, actor=actor),
            exito=_("%(objeto)s quedó cancelada."),
            ayuda=_("Se queda con lo que haya comparado hasta ahora."),
            icono="cancel",
        ),
    )
    change_form_outer_after_template = "admin/alpes/simulacion.html"
    list_display = ("nombre", "col_candidata", "col_campana", "desde", "hasta", "col_estado")
    list_select_related = ("regla", "campana")
    list_filter = (
        ("estado", ChoicesDropdownFilter),
        ("campana", FiltroDeFila),
    )
    search_fields = ("=id_publico",)
    search_help_text = _("Identificador")
    ordering = ("-id",)
    autocomplete_fields = ("campana",)
    warn_unsaved_form = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A saved backtest shows what it tries."""
        if obj is None:
            return ("nombre", "politica", "archivo", "campana", "desde", "hasta")
        return (("nombre", "col_candidata"), ("col_campana", "col_autor"), ("desde", "hasta"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        return ("nombre", "col_candidata", "col_campana", "col_autor", "desde", "hasta")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The last quarter."""
        ahora = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        return {"desde": ahora - timedelta(days=DIAS_INICIALES), "hasta": ahora}

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A permission of its own: it reads the whole history."""
        return request.user.has_perm(PERMISO)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def crear(self, request: HttpRequest, datos: dict[str, Any]) -> Simulacion:
        archivo = datos.pop("archivo")
        datos["politica"] = archivo or datos["politica"]
        return crear_simulacion(**datos, actor=actor_de(request))

    def contexto_de(self, request: HttpRequest, objeto: Any) -> dict[str, Any]:
        """What it found."""
        contexto: dict[str, Any] = {"contrastes": contraste(objeto)}
        enlaces = []
        if objeto.resultado:
            suyas = f"?simulacion__id__exact={objeto.pk}"
            lineas = reverse("admin:comisiones_lineasimulacion_changelist") + suyas
            enlaces.append((_("Ver por afiliado"), lineas, "format_list_numbered"))
            contexto["url_exportar"] = reverse("admin:comisiones_lineasimulacion_exportar") + suyas
        publicable = objeto.regla is not None and objeto.regla.terminada_en is None
        if publicable and request.user.has_perm("comisiones.publicar_regla"):
            url = reverse("admin:comisiones_regla_publicar", args=[objeto.regla_id])
            enlaces.append(
                (_("Publicar esta versión…"), f"{url}?simulacion={objeto.pk}", "publish")
            )
        return {"enlaces": enlaces, **contexto}

    def avance_de(self, objeto: Any) -> Avance:
        """Sales that were compared, of those of its dates."""
        en_cola = objeto.estado == EstadoSimulacion.ENCOLADA
        return Avance(
            viva=en_cola or objeto.estado == EstadoSimulacion.EN_CURSO,
            estado=objeto.estado,
            insignia=insignia(objeto.estado, objeto.get_estado_display()),
            dicho=_now("Espera su turno.") if en_cola else _comparadas(objeto),
            hechas=objeto.hechas,
            total=max(objeto.total, objeto.hechas),
            problema=objeto.problema,
        )

    @display(description=_("Candidata"))
    def col_candidata(self, simulacion: Simulacion) -> SafeString | str:
        """The rule whose version is tried, or that it is a policy."""
        if simulacion.regla is None:
            return _now("Política escrita")
        return enlace(
            simulacion.regla, _now("Versión nueva de «%(regla)s»") % {"regla": simulacion.regla}
        )

    @display(description=_("Campaña"))
    def col_campana(self, simulacion: Simulacion) -> SafeString | str:
        """Link to the campaign, or that it is all of them."""
        return enlace(simulacion.campana) if simulacion.campana else _now("Todas")

    @display(description=_("Creada por"))
    def col_autor(self, simulacion: Simulacion) -> str:
        """Name of the author."""
        return nombres_de_actores([simulacion.creada_por])[simulacion.creada_por]

    @display(description=_("Estado"))
    def col_estado(self, simulacion: Simulacion) -> SafeString:
        """State as a badge."""
        return insignia(simulacion.estado, simulacion.get_estado_display())


def _comparadas(simulacion: Simulacion) -> str:
    dicho = _now("%(hechas)s ventas de %(total)s") % {
        "hechas": entero(simulacion.hechas),
        "total": entero(max(simulacion.total, simulacion.hechas)),
    }
    if not simulacion.excluidas:
        return dicho
    fuera = ngettext(
        "%(n)s sin comisión que comparar", "%(n)s sin comisión que comparar", simulacion.excluidas
    ) % {"n": entero(simulacion.excluidas)}
    return f"{dicho} · {fuera}"


@admin.register(LineaSimulacion)
class LineaSimulacionAdmin(AdminSoloLectura):
    """What each affiliate would win or lose, the most of it first."""

    list_display = (
        "col_afiliado", "simulacion", "ventas", "col_hoy", "col_candidata", "col_importe",
    )  # fmt: skip
    exporta = (
        "simulacion", "afiliado", "afiliado=afiliado.nombre", "moneda", "ventas", "hoy",
        "candidata", "diferencia",
    )  # fmt: skip
    list_display_links = None
    list_select_related = ("afiliado", "simulacion")
    list_filter = (("simulacion", FiltroDeFila), ("afiliado", FiltroDeFila))
    # The index backwards.
    ordering = ("-simulacion_id", "-moneda", "-diferencia", "-id")
    fields = ("simulacion", "col_afiliado", "ventas", "col_hoy", "col_candidata", "col_importe")
    readonly_fields = ("col_afiliado", "col_hoy", "col_candidata", "col_importe")

    def get_queryset(self, request: HttpRequest) -> QuerySet[LineaSimulacion]:
        """Without the policy's text, which is long."""
        return super().get_queryset(request).defer(
            "simulacion__politica", "simulacion__memoria", "simulacion__resultado"
        )  # fmt: skip

    @display(description=_("Afiliado"))
    def col_afiliado(self, linea: LineaSimulacion) -> SafeString | str:
        """Link to the affiliate."""
        return enlace(linea.afiliado)

    @display(description=_("Hoy"))
    def col_hoy(self, linea: LineaSimulacion) -> SafeString | str:
        """What it earned."""
        return importe(linea.hoy, linea.moneda)

    @display(description=_("Con la candidata"))
    def col_candidata(self, linea: LineaSimulacion) -> SafeString | str:
        """What it would have earned."""
        return importe(linea.candidata, linea.moneda)

    @display(description=_("Diferencia"))
    def col_importe(self, linea: LineaSimulacion) -> SafeString | str:
        """Candidate less today."""
        return importe(linea.diferencia, linea.moneda)
