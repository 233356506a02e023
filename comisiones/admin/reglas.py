"""Rules and the page that publishes a version."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSplitDateTimeWidget,
)

from alpespartner.comun.admin_acciones import ConAcciones
from alpespartner.comun.admin_base import AdminPorServicio, FormularioDeServicio, actor_de
from alpespartner.comun.admin_formato import (
    enlace,
    importe,
    nombres_de_actores,
    opciones_de_moneda,
    porcentaje,
)
from alpespartner.comun.dinero import DECIMALES, DIGITOS
from alpespartner.comun.errores import ErrorDominio
from comisiones.reglas.models import OrigenRegla, Regla, TipoComision, VersionRegla
from comisiones.reglas.services import crear_regla, publicar_version

PUBLICAR = "comisiones.publicar_regla"


class ReglaForm(FormularioDeServicio):
    """A rule to create."""

    class Meta:
        model = Regla
        fields = ("nombre", "campana")


class VersionForm(forms.Form):
    """Terms to publish."""

    tipo = forms.ChoiceField(
        label=_("Tipo"), choices=TipoComision.choices, widget=UnfoldAdminSelectWidget
    )
    porcentaje = forms.DecimalField(
        label=_("Porcentaje"),
        required=False,
        max_digits=7,
        decimal_places=4,
        widget=UnfoldAdminDecimalFieldWidget,
        help_text=_("15 significa 15 %. Solo si es un porcentaje de la venta."),
    )
    monto_fijo = forms.DecimalField(
        label=_("Importe fijo"),
        required=False,
        max_digits=DIGITOS,
        decimal_places=DECIMALES,
        widget=UnfoldAdminDecimalFieldWidget,
        help_text=_("Por venta. Solo si es un importe fijo."),
    )
    moneda = forms.ChoiceField(
        label=_("Moneda"),
        required=False,
        choices=opciones_de_moneda,
        widget=UnfoldAdminSelectWidget,
        help_text=_("Del importe fijo: vale solo para ventas en esa moneda."),
    )
    vigente_desde = forms.SplitDateTimeField(
        label=_("Vigente desde"),
        required=False,
        widget=UnfoldAdminSplitDateTimeWidget,
        help_text=_("Para ventas ocurridas desde entonces. Vacío: desde ahora."),
    )
    vigente_hasta = forms.SplitDateTimeField(
        label=_("Vigente hasta"),
        required=False,
        widget=UnfoldAdminSplitDateTimeWidget,
        help_text=_("Vacío: sin fin."),
    )


@admin.register(Regla)
class ReglaAdmin(AdminPorServicio, ConAcciones):
    """Rules are created; their terms are published and never change."""

    form = ReglaForm
    entidad = "regla"
    change_form_outer_after_template = "admin/alpes/regla.html"
    list_display = ("nombre", "campana", "origen", "creada_en")
    list_select_related = ("campana",)
    list_filter = (("campana", AutocompleteSelectFilter),)
    search_fields = ("nombre__istartswith", "=id_publico")
    search_help_text = _("Identificador o comienzo del nombre")
    ordering = ("-id",)
    autocomplete_fields = ("campana",)
    warn_unsaved_form = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A saved rule shows what it is."""
        if obj is None:
            return ("nombre", "campana")
        return (("nombre", "id_publico"), ("col_campana", "origen"), "creada_en")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else ("id_publico", "col_campana", "origen", "creada_en")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Name and campaign are what commissions refer to: they stay."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Adds the page that publishes a version."""
        return [
            path(
                "<path:object_id>/publicar/",
                self.admin_site.admin_view(self.vista_publicar),
                name="comisiones_regla_publicar",
            ),
            *super().get_urls(),
        ]

    def crear(self, request: HttpRequest, datos: dict[str, Any]) -> Regla:
        return crear_regla(**datos, actor=actor_de(request))

    def contexto_de(self, request: HttpRequest, objeto: Any) -> dict[str, Any]:
        """Its versions, and the way to publish another."""
        versiones = list(objeto.versiones.all())
        nombres = nombres_de_actores(version.publicada_por for version in versiones)
        enlaces = []
        if objeto.origen == OrigenRegla.VERSION and request.user.has_perm(PUBLICAR):
            url = reverse("admin:comisiones_regla_publicar", args=[objeto.pk])
            enlaces = [(_("Publicar versión"), url, "publish")]
        return {
            "enlaces": enlaces,
            "versiones": [
                {
                    "version": version,
                    "terminos": _terminos(version),
                    "autor": nombres[version.publicada_por],
                }
                for version in versiones
            ],
        }

    def vista_publicar(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Form to publish a version; only its POST writes."""
        if not request.user.has_perm(PUBLICAR):
            raise PermissionDenied
        regla: Regla = self.objeto_o_404(request, object_id)
        if regla.origen != OrigenRegla.VERSION:
            raise Http404
        formulario = VersionForm(request.POST if request.method == "POST" else None)
        if formulario.is_bound and formulario.is_valid():
            try:
                version = publicar_version(
                    regla=regla, actor=actor_de(request), **formulario.cleaned_data
                )
            except ErrorDominio as exc:
                campo = exc.campo if exc.campo in formulario.fields else None
                formulario.add_error(campo, exc.mensaje)
            else:
                messages.success(request, _now("Se publicó %(version)s.") % {"version": version})
                return redirect("admin:comisiones_regla_change", regla.pk)
        contexto = {
            **self.admin_site.each_context(request),
            "title": _("Publicar versión"),
            "subtitle": regla.nombre,
            "opts": self.opts,
            "original": regla,
            "regla": regla,
            "form": formulario,
            "media": self.media + formulario.media,
        }
        return TemplateResponse(request, "admin/alpes/publicar.html", contexto)

    @display(description=_("Campaña"))
    def col_campana(self, regla: Regla) -> SafeString | str:
        """Link to the campaign, or that it is for all."""
        return enlace(regla.campana) if regla.campana else _now("Todo el programa")


def _terminos(version: VersionRegla) -> Any:
    if version.porcentaje is not None:
        return porcentaje(version.porcentaje)
    return importe(version.monto_fijo, version.moneda)
