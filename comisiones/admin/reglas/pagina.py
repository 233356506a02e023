"""Rules and the page that publishes a version."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.decorators import display

from alpespartner.comun.actores import Actor
from alpespartner.comun.admin.acciones import Accion, Atajo, ConAcciones
from alpespartner.comun.admin.base import AdminPorServicio, FormularioDeServicio, actor_de
from alpespartner.comun.admin.elegir import FiltroDeFila
from alpespartner.comun.admin.formato import enlace, nombres_de_actores
from alpespartner.comun.dinero import CERO
from alpespartner.comun.errores import ErrorDominio
from alpespartner.comun.formato import VACIO, fecha_y_hora
from alpespartner.comun.textos import entero
from comisiones.admin.reglas.diferencia import diferencia
from comisiones.admin.reglas.iniciales import iniciales_de, version_de
from comisiones.admin.reglas.palabras import a_quien, detalle, paga, paga_sin_version
from comisiones.admin.reglas.previa import previa
from comisiones.admin.reglas.version_form import VersionForm
from comisiones.motor import ErrorMotor, Terminos, Tipo
from comisiones.reglas.models import OrigenRegla, Regla
from comisiones.reglas.selectors import version_vigente, vigentes_de
from comisiones.reglas.services import (
    crear_regla,
    duplicar_regla,
    publicar_version,
    red_a_publicar,
    terminar_regla,
    terminos_a_publicar,
)
from comisiones.simulaciones.models import Simulacion
from comisiones.simulaciones.services import DIAS_INICIALES, crear_simulacion

PUBLICAR = "comisiones.publicar_regla"
SIMULAR = "comisiones.simular"


class ReglaForm(FormularioDeServicio):
    """A rule to create."""

    class Meta:
        model = Regla
        fields = ("nombre", "campana")


def _es_de_versiones(regla: Regla) -> bool:
    return regla.origen == OrigenRegla.VERSION


def _se_publica(regla: Regla) -> bool:
    return _es_de_versiones(regla) and regla.terminada_en is None


def _a_publicar(regla: Any) -> tuple[str, str] | None:
    if not _se_publica(regla):
        return None
    return reverse("admin:comisiones_regla_publicar", args=[regla.pk]), f"{_now('Cambiar')}…"


def _duplicar(regla: Any, actor: Actor, _motivo: str) -> None:
    regla.copia = duplicar_regla(regla=regla, actor=actor)


ACCIONES = (
    Accion(
        nombre="duplicar",
        titulo=_("Duplicar"),
        permiso=PUBLICAR,
        visible=_es_de_versiones,
        aplicar=_duplicar,
        exito=_("Copia de %(objeto)s: no paga nada hasta que publiques su versión."),
        ayuda=_("Hace otra regla para lo mismo y abre su primera versión con estas condiciones."),
        icono="add",
    ),
    Accion(
        nombre="terminar",
        titulo=_("Terminar"),
        permiso=PUBLICAR,
        visible=_se_publica,
        aplicar=lambda r, actor, motivo: terminar_regla(regla=r, actor=actor, motivo=motivo),
        exito=_("%(objeto)s terminó."),
        motivo="obligatorio",
        ayuda=_(
            "No paga las ventas que ocurran desde ahora: las paga la regla más general que haya, o "
            "esperan una. Es definitivo."
        ),
        icono="cancel",
        tono="peligro",
    ),
)


@admin.register(Regla)
class ReglaAdmin(AdminPorServicio, ConAcciones):
    """Rules are created; their terms are published and never change."""

    si_vacia = _("Cuánto gana un afiliado. Añade una regla y publica su primera versión.")

    form = ReglaForm
    entidad = "regla"
    acciones = ACCIONES
    change_form_outer_after_template = "admin/alpes/regla.html"
    list_display = ("col_nombre", "col_paga", "col_a_quien", "col_desde", "col_hasta")
    list_fullwidth = True
    exporta = ("regla_id=id_publico", "nombre", "campana", "origen", "creada_en")
    list_select_related = ("campana",)
    list_filter = (("campana", FiltroDeFila),)
    search_fields = ("nombre__istartswith", "=id_publico")
    search_help_text = _("Identificador o comienzo del nombre")
    ordering = ("-id",)
    autocomplete_fields = ("campana",)
    warn_unsaved_form = False

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list, with what each of its rules pays now."""
        lista = super().get_changelist_instance(request)
        vigentes = vigentes_de(lista.result_list)
        for regla in lista.result_list:
            regla.vigentes = vigentes[regla.pk]
        return lista

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A saved rule shows what it is."""
        if obj is None:
            return ("nombre", "campana")
        campos = (("col_nombre", "id_publico"), ("col_campana", "origen"))
        return (*campos, ("creada_en", "terminada_en") if obj.terminada_en else "creada_en")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        return ("col_nombre", "id_publico", "col_campana", "origen", "creada_en", "terminada_en")

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
        detalles = [detalle(version) for version in versiones]
        enlaces = []
        if _se_publica(objeto) and request.user.has_perm(PUBLICAR):
            url = reverse("admin:comisiones_regla_publicar", args=[objeto.pk])
            enlaces = [(_("Publicar versión"), url, "publish")]
        return {
            "enlaces": enlaces,
            "versiones": [
                {
                    "version": version,
                    "terminos": paga(version),
                    "detalle": dicho,
                    "autor": nombres[version.publicada_por],
                }
                for version, dicho in zip(versiones, detalles, strict=True)
            ],
            "con_ademas": any(detalles),
        }

    def atajos_para(self, request: HttpRequest) -> Sequence[Atajo]:
        """The page that publishes other terms."""
        return [_a_publicar] if request.user.has_perm(PUBLICAR) else []

    def vista_publicar(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Form to publish a version; only its POST writes."""
        if not request.user.has_perm(PUBLICAR):
            raise PermissionDenied
        regla: Regla = self.objeto_o_404(request, object_id)
        if not _se_publica(regla):
            raise Http404
        formulario = VersionForm(
            request.POST if request.method == "POST" else None,
            initial=_desde(regla, request.GET),
        )
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
            return {"previa": previa(terminos, moneda), **_cambios(regla, formulario)}
        except (ErrorDominio, ErrorMotor) as exc:
            return {"previa_error": str(exc)}

    def url_tras_accion(
        self, request: HttpRequest, objeto: Any, accion: Accion, lograda: bool
    ) -> str:
        """After a copy, the first version of the copy, with the terms of the original."""
        copia = getattr(objeto, "copia", None)
        if copia is None:
            return super().url_tras_accion(request, objeto, accion, lograda)
        url = reverse("admin:comisiones_regla_publicar", args=[copia.pk])
        return f"{url}?{urlencode({'como': objeto.pk})}"

    @display(description=_("Paga"))
    def col_paga(self, regla: Any) -> SafeString | str:
        """What it pays now, a line for each currency."""
        if not regla.vigentes:
            return paga_sin_version(regla)
        lineas = ((paga(version),) for version in regla.vigentes)
        return format_html_join("", '<span class="ap-celda">{}</span>', lineas)

    @display(description=_("A quién"))
    def col_a_quien(self, regla: Any) -> SafeString:
        """Its campaign, and whoever its version limits it to."""
        donde = regla.campana.nombre if regla.campana else _now("Todo el programa")
        limites = a_quien(regla.vigentes[0]) if regla.vigentes else []
        return format_html_join(
            "", '<span class="ap-celda{}">{}</span>',
            [("", donde), *((" ap-tenue", limite) for limite in limites)],
        )  # fmt: skip

    @display(description=_("Desde"))
    def col_desde(self, regla: Any) -> str:
        """Since when it pays so."""
        return fecha_y_hora(regla.vigentes[0].vigente_desde) if regla.vigentes else VACIO

    @display(description=_("Hasta"))
    def col_hasta(self, regla: Any) -> str:
        """Until when."""
        if regla.terminada_en is not None:
            return fecha_y_hora(regla.terminada_en)
        if not regla.vigentes:
            return VACIO
        hasta = regla.vigentes[0].vigente_hasta
        return _now("sin fin") if hasta is None else fecha_y_hora(hasta)

    @display(description=_("Nombre"))
    def col_nombre(self, regla: Regla) -> str:
        """Its name; one of the system's in the language of who reads."""
        return str(regla)

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


def _desde(regla: Regla, parametros: Any) -> dict[str, Any]:
    """What a new version starts from: what a backtest tried, another rule, or what is in force."""
    simulacion, como = (entero(parametros.get(n, "")) for n in ("simulacion", "como"))
    if simulacion is not None:
        probada = Simulacion.objects.filter(pk=simulacion, regla=regla).first()
        return {} if probada is None else iniciales_de(version_de(probada))
    otra = regla if como is None else Regla.objects.filter(pk=como).first()
    version = None if otra is None else version_vigente(otra)
    return {} if version is None else iniciales_de(version)


def _cambios(regla: Regla, formulario: VersionForm) -> dict[str, Any]:
    """What the form changes of the version in force, if there is one."""
    vigente = version_vigente(regla)
    if vigente is None:
        return {}
    return {"vigente": vigente, "cambios": diferencia(vigente, formulario)}
