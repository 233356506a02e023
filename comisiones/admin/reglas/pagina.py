"""Rules and the page that publishes a version."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from alpespartner.comun.actores import Actor
from alpespartner.comun.admin.acciones import ConAcciones
from alpespartner.comun.admin.base import AdminPorServicio, FormularioDeServicio, actor_de
from alpespartner.comun.admin.formato import enlace, importe, nombres_de_actores
from alpespartner.comun.dinero import CERO
from alpespartner.comun.errores import ErrorDominio
from alpespartner.comun.formato import porcentaje
from comisiones.admin.reglas.previa import previa
from comisiones.admin.reglas.version_form import VersionForm
from comisiones.motor import ErrorMotor, Suspendido, Terminos, Tipo
from comisiones.motor.errores import ILEGIBLE
from comisiones.reglas.models import OrigenRegla, Regla, TipoComision, VersionRegla
from comisiones.reglas.services import (
    crear_regla,
    publicar_version,
    red_a_publicar,
    terminos_a_publicar,
)
from comisiones.reglas.tarifa import red_de
from comisiones.simulaciones.models import Simulacion
from comisiones.simulaciones.services import DIAS_INICIALES, crear_simulacion

PUBLICAR = "comisiones.publicar_regla"
SIMULAR = "comisiones.simular"


class ReglaForm(FormularioDeServicio):
    """A rule to create."""

    class Meta:
        model = Regla
        fields = ("nombre", "campana")


@admin.register(Regla)
class ReglaAdmin(AdminPorServicio, ConAcciones):
    """Rules are created; their terms are published and never change."""

    form = ReglaForm
    entidad = "regla"
    change_form_outer_after_template = "admin/alpes/regla.html"
    list_display = ("nombre", "campana", "origen", "creada_en")
    exporta = ("regla_id=id_publico", "nombre", "campana", "origen", "creada_en")
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
            path(
                "<path:object_id>/previa/",
                self.admin_site.admin_view(require_POST(self.vista_previa)),
                name="comisiones_regla_previa",
            ),
            *super().get_urls(),
        ]

    def crear(self, request: HttpRequest, datos: dict[str, Any]) -> Regla:
        return crear_regla(**datos, actor=actor_de(request))

    def contexto_de(self, request: HttpRequest, objeto: Any) -> dict[str, Any]:
        """Its versions, and the way to publish another."""
        versiones = list(objeto.versiones.select_related("afiliado"))
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
                    "detalle": _detalle(version),
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
        contexto_previa: dict[str, Any] = {}
        if formulario.is_bound and "previa" in request.POST:
            contexto_previa = self.contexto_previa(regla, formulario)
        elif formulario.is_bound and formulario.is_valid():
            if "probar" in request.POST and not request.user.has_perm(SIMULAR):
                raise PermissionDenied
            try:
                if "probar" in request.POST:
                    simulacion = _probar(regla, formulario, actor_de(request))
                    return redirect("admin:comisiones_simulacion_change", simulacion.pk)
                version = publicar_version(
                    regla=regla,
                    actor=actor_de(request),
                    **formulario.terminos(),
                    **formulario.alcance(),
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
            "puede_simular": request.user.has_perm(SIMULAR),
            "dias": DIAS_INICIALES,
            "form": formulario,
            "media": self.media + formulario.media,
            **contexto_previa,
        }
        return TemplateResponse(request, "admin/alpes/publicar.html", contexto)

    def vista_previa(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Fragment with what the form's terms would pay; it writes nothing."""
        if not request.user.has_perm(PUBLICAR):
            raise PermissionDenied
        regla: Regla = self.objeto_o_404(request, object_id)
        contexto = self.contexto_previa(regla, VersionForm(request.POST))
        return TemplateResponse(request, "admin/alpes/previa.html", contexto)

    def contexto_previa(self, regla: Regla, formulario: VersionForm) -> dict[str, Any]:
        """What the terms of a form would pay, or why they cannot be published."""
        if not formulario.is_valid():
            campo, errores = next(iter(formulario.errors.items()))
            etiqueta = formulario.fields[campo].label if campo in formulario.fields else ""
            return {"previa_error": f"{etiqueta}: {errores[0]}"}
        try:
            red = formulario.red()
            if red is None:
                terminos = terminos_a_publicar(**formulario.terminos())
            else:
                niveles = red_a_publicar(red)["porcentajes"]
                terminos = Terminos(
                    tipo=Tipo.PORCENTUAL, porcentaje=sum(map(Decimal, niveles), CERO)
                )
            moneda = terminos.moneda or (regla.campana.moneda if regla.campana else "USD")
            return {"previa": previa(terminos, moneda)}
        except (ErrorDominio, ErrorMotor) as exc:
            return {"previa_error": str(exc)}

    @display(description=_("Campaña"))
    def col_campana(self, regla: Regla) -> SafeString | str:
        """Link to the campaign, or that it is for all."""
        return enlace(regla.campana) if regla.campana else _now("Todo el programa")


def _probar(regla: Regla, formulario: VersionForm, actor: Actor) -> Simulacion:
    """Backtest of the version that a form writes, over the last sales of its rule's campaign."""
    alcance = formulario.alcance()
    del alcance["vigente_desde"], alcance["vigente_hasta"]
    ahora = timezone.now()
    return crear_simulacion(
        nombre=regla.nombre,
        regla=regla,
        borrador={**formulario.terminos(), **alcance},
        campana=regla.campana,
        desde=ahora - timedelta(days=DIAS_INICIALES),
        hasta=ahora,
        actor=actor,
    )


def _terminos(version: VersionRegla) -> Any:
    partes = []
    if version.porcentaje is not None:
        partes.append(porcentaje(version.porcentaje))
    if version.monto_fijo is not None:
        partes.append(importe(version.monto_fijo, version.moneda))
    if version.tipo == TipoComision.RED:
        return _now("por niveles")
    return format_html_join(" + ", "{}", ((parte,) for parte in partes)) or _now("por tramos")


def _detalle(version: VersionRegla) -> list[str]:
    """Scope and other terms, a line each; those of a row of nobody's service may say nothing."""
    lineas = _alcance(version)
    try:
        return lineas + _otros_terminos(version)
    except ILEGIBLE:
        return [*lineas, _now("No se pudo leer")]


def _alcance(version: VersionRegla) -> list[str]:
    lineas = []
    if version.nivel > 1:
        lineas.append(_now("Nivel %(n)s de la red") % {"n": version.nivel})
    if version.afiliado:
        lineas.append(_now("Solo %(quien)s") % {"quien": version.afiliado})
    if version.tipo_afiliado:
        lineas.append(_now("Solo afiliados: %(tipo)s") % {"tipo": version.tipo_afiliado})
    if version.producto:
        lineas.append(_now("Solo el producto %(producto)s") % {"producto": version.producto})
    if version.cupon:
        lineas.append(_now("Solo con el cupón %(cupon)s") % {"cupon": version.cupon})
    if version.enlace:
        lineas.append(_now("Solo por el enlace %(enlace)s") % {"enlace": version.enlace})
    if version.prioridad:
        lineas.append(_now("Prioridad %(n)s") % {"n": version.prioridad})
    return lineas


def _otros_terminos(version: VersionRegla) -> list[str]:
    lineas = []
    if version.tipo == TipoComision.RED:
        red = red_de(version.condiciones)
        for nivel, parte in enumerate(red.porcentajes, start=2):
            lineas.append(_now("Nivel %(n)s: %(parte)s") % {"n": nivel, "parte": porcentaje(parte)})
        lineas.append(_now("Tope de la red: %(tope)s") % {"tope": porcentaje(red.tope)})
        if red.suspendido is Suspendido.COMPRIMIR:
            lineas.append(_now("El nivel de un suspendido lo cobra el siguiente"))
        return lineas
    for nombre, valor in version.condiciones.items():
        if nombre == "tramos":
            lineas += [_tramo(tramo, version.moneda) for tramo in valor]
        elif nombre == "multiplicadores":
            factores = ", ".join(f"{nivel} × {factor}" for nivel, factor in valor)
            lineas.append(f"{_etiqueta(nombre)}: {factores}")
        elif nombre == "topes_gasto":
            lineas += [
                f"{_etiqueta(nombre)}: {t['ambito']}, {t['periodo']}, {t['monto']} {version.moneda}"
                for t in valor
            ]
        else:
            lineas.append(f"{_etiqueta(nombre)}: {_valor(nombre, valor, version.moneda)}")
    return lineas


def _tramo(tramo: dict[str, str], moneda: str) -> str:
    paga = [porcentaje(Decimal(tramo["porcentaje"]))] if "porcentaje" in tramo else []
    paga += [f"{tramo['monto_fijo']} {moneda}"] if "monto_fijo" in tramo else []
    return f"{tramo['desde']} – {tramo.get('hasta', '∞')}: {' + '.join(paga)}"


def _etiqueta(nombre: str) -> str:
    """A term as the form that writes it calls it."""
    campo = VersionForm.base_fields.get(nombre)
    return nombre if campo is None else str(campo.label)


def _valor(nombre: str, valor: Any, moneda: str) -> str:
    campo = VersionForm.base_fields.get(nombre)
    if isinstance(campo, forms.ChoiceField):
        return str(dict(campo.choices).get(valor, valor))  # type: ignore[arg-type]
    if nombre in ("minimo", "tope"):
        return f"{valor} {moneda}"
    return ", ".join(valor) if isinstance(valor, list) else str(valor)
