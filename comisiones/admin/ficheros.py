"""Files of decisions: sent, looked at line by line, confirmed by whoever sent them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminFileFieldWidget

from alpespartner.comun.admin.acciones import Accion, ConAcciones
from alpespartner.comun.admin.autores import ConAutor
from alpespartner.comun.admin.base import (
    AdminPorServicio,
    AdminSoloLectura,
    FormularioDeServicio,
    actor_de,
)
from alpespartner.comun.admin.formato import enlace, etiqueta, importe, insignia, marca
from alpespartner.comun.documentos.tablas import MAX_FILAS
from alpespartner.comun.formato import entero
from comisiones.admin.decisiones import cambio_de, sumas_de
from comisiones.revision.estados import AccionEnMasa, CausaFila, Resultado
from comisiones.revision.fichero import confirmar_fichero, por_que_no_confirma, subir_fichero
from comisiones.revision.models import FicheroDecisiones, FilaSaltada, LineaEnMasa
from conversiones.ventas.motivos import MotivoDecision

PERMISO = "comisiones.add_ficherodecisiones"
# Of the lines that decide nothing, the page shows the first ones.
MUESTRA = 50


class FicheroForm(FormularioDeServicio):
    """A file to look at."""

    fichero = forms.FileField(
        label=_("Fichero CSV"),
        widget=UnfoldAdminFileFieldWidget,
        help_text=_(
            "Con «comision_id» o «referencia_externa», «decision» (aprobar, rechazar o corregir), "
            "«motivo_codigo», «nota» y, para corregir, «valor_nuevo»: lo que vale la venta, menos "
            "que ahora. Separadas por coma o punto y coma. Sirve la cola exportada con esas "
            "columnas añadidas: las demás no se miran."
        ),
    )

    class Meta:
        model = FicheroDecisiones
        fields = ()


@admin.register(FicheroDecisiones)
class FicheroDecisionesAdmin(AdminPorServicio, ConAcciones, ConAutor):
    """What each file would decide, and what it did."""

    titulo = _("Decisiones por fichero")
    si_vacia = _(
        "Sube un CSV que diga qué hacer con cada comisión: antes de aplicarlo se ve lo que haría."
    )

    form = FicheroForm
    entidad = "fichero"
    campo_autor = "subido_por"
    acciones = (
        Accion(
            nombre="confirmar",
            titulo=_("Confirmar"),
            permiso=PERMISO,
            visible=lambda f: f.confirmado_en is None and f.n_saltadas < f.filas,
            impedimento=por_que_no_confirma,
            aplicar=lambda f, actor, _m: confirmar_fichero(fichero=f, actor=actor),
            exito=_("%(objeto)s: se está decidiendo."),
            ayuda=_("Se decide lo que el fichero dice; las filas saltadas quedan como están."),
            icono="check_circle",
            tono="principal",
            suelta=True,
        ),
    )
    change_form_outer_after_template = "admin/alpes/fichero.html"
    list_display = ("nombre", "col_autor", "subido_en", "col_filas", "col_estado")
    exporta = (
        "fichero_id=id_publico", "nombre", "filas", "saltadas=n_saltadas", "subido_en",
        "confirmado_en",
    )  # fmt: skip
    ordering = ("-id",)
    search_fields = ("=id_publico",)
    search_help_text = _("Identificador")
    warn_unsaved_form = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A saved one shows what it is."""
        if obj is None:
            return ("fichero",)
        return (("nombre", "col_autor"), ("subido_en", "confirmado_en"), "huella")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (
            () if obj is None else ("nombre", "col_autor", "subido_en", "confirmado_en", "huella")
        )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Another file says something else."""
        return False

    def crear(self, request: HttpRequest, datos: dict[str, Any]) -> FicheroDecisiones:
        fichero = datos["fichero"]
        return subir_fichero(contenido=fichero.read(), nombre=fichero.name, actor=actor_de(request))

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """To what it would decide."""
        return redirect(f"admin:{self.nombre_de_vista('change')}", obj.pk)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """With what the columns may say, while there is no file yet."""
        if context.get("original") is None:
            context["motivos"] = MotivoDecision.choices
            context["maximo"] = entero(MAX_FILAS)
        return super().render_change_form(request, context, *args, **kwargs)

    def contexto_de(self, request: HttpRequest, objeto: Any) -> dict[str, Any]:
        """What it decides of each currency, and the lines that decide nothing."""
        saltadas = reverse("admin:comisiones_filasaltada_changelist")
        lineas = reverse("admin:comisiones_lineaenmasa_changelist")
        por_causa = objeto.saltadas.values_list("causa").annotate(n=Count("pk")).order_by("causa")
        return {
            "por_confirmar": objeto.confirmado_en is None,
            "n_filas": entero(objeto.filas),
            "n_saltadas": entero(objeto.n_saltadas),
            "decisiones": [
                {
                    "decision": enlace(decision, etiqueta(AccionEnMasa, decision.accion)),
                    "estado": insignia(decision.estado, decision.get_estado_display()),
                    "n": entero(decision.total),
                    "hechas": entero(decision.hechas + decision.ya),
                    "apartadas": entero(decision.apartadas),
                    "sumas": sumas_de(decision),
                    "corrige": decision.accion == AccionEnMasa.CORREGIR,
                    "url": f"{lineas}?decision__id__exact={decision.pk}",
                }
                for decision in objeto.decisiones.order_by("id")
            ],
            "corregidas": [
                {
                    "comision": enlace(linea.comision),
                    "valor": importe(linea.valor, linea.moneda),
                    "nuevo": importe(linea.valor_nuevo, linea.moneda),
                    "diferencia": cambio_de(linea),
                }
                for linea in LineaEnMasa.objects.filter(
                    decision__fichero=objeto, decision__accion=AccionEnMasa.CORREGIR
                )
                .select_related("comision")
                .order_by("pk")[:MUESTRA]
            ],
            "causas": [(causa_dicha(causa), entero(n)) for causa, n in por_causa],
            "saltadas": [
                {
                    "numero": fila.numero,
                    "comision": fila.comision,
                    "causa": causa_dicha(fila.causa),
                    "detalle": fila.detalle,
                }
                for fila in objeto.saltadas.order_by("id")[:MUESTRA]
            ],
            "url_saltadas": f"{saltadas}?fichero__id__exact={objeto.pk}",
            "url_saltadas_csv": reverse("admin:comisiones_filasaltada_exportar")
            + f"?fichero__id__exact={objeto.pk}",
        }

    @display(description=_("Subido por"))
    def col_autor(self, fichero: FicheroDecisiones) -> str:
        """Who sent it, and may confirm it."""
        return self.nombre_de_autor(fichero)

    @display(description=_("Filas"))
    def col_filas(self, fichero: FicheroDecisiones) -> str:
        """How many, and how many decide nothing."""
        return _now("%(filas)s · %(saltadas)s saltadas") % {
            "filas": entero(fichero.filas),
            "saltadas": entero(fichero.n_saltadas),
        }

    @display(description=_("Estado"))
    def col_estado(self, fichero: FicheroDecisiones) -> SafeString:
        """Whether it was confirmed."""
        if fichero.confirmado_en is None:
            return marca("aviso", _now("Por confirmar"))
        return marca("bien", _now("Confirmado"))


def causa_dicha(causa: str) -> str:
    """Why a line decides nothing, in words."""
    return etiqueta(CausaFila if causa in CausaFila.values else Resultado, causa)


@admin.register(FilaSaltada)
class FilaSaltadaAdmin(AdminSoloLectura):
    """Lines of files that decide nothing."""

    list_display = ("numero", "comision", "decision", "col_causa", "detalle", "fichero")
    exporta = ("fichero", "numero", "comision", "decision", "causa", "detalle")
    list_display_links = None
    list_select_related = ("fichero",)
    list_filter = (("fichero", AutocompleteSelectFilter),)
    ordering = ("id",)
    fields = ("fichero", "numero", "comision", "decision", "col_causa", "detalle")
    readonly_fields = ("col_causa",)

    @display(description=_("Causa"))
    def col_causa(self, fila: FilaSaltada) -> str:
        """Why."""
        return causa_dicha(fila.causa)
