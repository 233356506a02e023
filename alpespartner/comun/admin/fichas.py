"""Pages that show what an object is and how it is doing, with its form behind a button.

A page knows its own row. What lies above it (sales, commissions, money) other apps add: they
register it here, since imports only look down.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.admin.utils import unquote
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from alpespartner.comun.admin.acciones import ConAcciones
from alpespartner.comun.admin.base import AdminPorServicio
from alpespartner.comun.admin.formato import insignia, linea_de_tiempo
from alpespartner.comun.admin.por_confirmar import propuestas_visibles
from alpespartner.comun.historial import historial_de

EDITAR = "editar"
# The form, and the box that other pages open on top of theirs.
_CON_FORMULARIO = {EDITAR, "_popup"}
_PASOS = 8


@dataclass(frozen=True, slots=True)
class Cifra:
    """A figure and the list that it comes from."""

    titulo: str
    valor: Any
    url: str = ""
    nota: str = ""
    alarma: bool = False


@dataclass(frozen=True, slots=True)
class Cuadro:
    """Figures in one currency, and what they were month by month: a chart and its table."""

    moneda: str
    cifras: Sequence[Cifra]
    grafica: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Bloque:
    """The last few of something, with the way to all of them. A column may be of numbers. What is
    ``aparte`` goes beside the rest, with the history."""

    titulo: str
    columnas: Sequence[tuple[str, bool]]
    filas: Sequence[Sequence[Any]]
    todas: str = ""
    vacio: str = ""
    nota: str = ""
    aparte: bool = False

    @property
    def lineas(self) -> list[list[tuple[Any, bool]]]:
        """Cells of each row, and whether each is a number."""
        numeros = [es_numero for _titulo, es_numero in self.columnas]
        return [list(zip(fila, numeros, strict=True)) for fila in self.filas]


@dataclass(slots=True)
class Ficha:
    """What is shown of an object besides its own row."""

    cuadros: list[Cuadro] = field(default_factory=list)
    bloques: list[Bloque] = field(default_factory=list)
    avisos: list[str] = field(default_factory=list)


Hacedor = Callable[[HttpRequest, Any], Ficha]
_HACEDORES: dict[type[Model], Hacedor] = {}


def registrar_ficha(modelo: type[Model], hacedor: Hacedor) -> None:
    """Declare who knows how an object is doing; it asks what the person may see."""
    _HACEDORES[modelo] = hacedor


class ConFicha(AdminPorServicio, ConAcciones):
    """Admin page that opens on what its object is; ``?editar=1`` is its form."""

    change_form_outer_before_template = "admin/alpes/a_la_ficha.html"
    change_form_outer_after_template = ""

    def datos_de(self, objeto: Any) -> Sequence[tuple[Any, Any]]:
        """Names and values of its headline."""
        return ()

    def url_de_ficha(self, objeto: Any) -> str:
        """Address of the page of an object."""
        return reverse(f"admin:{self.nombre_de_vista('change')}", args=[objeto.pk])

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page of a saved object, or a form."""
        if object_id is not None and request.method in ("GET", "HEAD"):
            objeto = None
            if not _CON_FORMULARIO & request.GET.keys():
                objeto = self.get_object(request, unquote(object_id))
            if objeto is not None and self.has_view_permission(request, objeto):
                return self.ver_ficha(request, objeto)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def ver_ficha(self, request: HttpRequest, objeto: Any) -> HttpResponse:
        """What it is, how it is doing, what may be done with it, and what happened to it."""
        hacedor = _HACEDORES.get(self.model)
        estado = objeto.estado
        historial = ""
        if request.user.has_perm("comun.view_historial"):
            lista = reverse("admin:comun_historial_changelist")
            historial = f"{lista}?q={self.id_historial(objeto)}"
        contexto = {
            **self.admin_site.each_context(request),
            "title": str(objeto),
            "opts": self.opts,
            "media": self.media,
            "original": objeto,
            "marca": insignia(estado, self.estados.get(estado, estado)),
            "desde": self._desde(objeto),
            "datos": self.datos_de(objeto),
            "acciones": self.acciones_de(request, objeto),
            "propuestas": propuestas_visibles(request, self.propuestas_de(objeto)),
            "pasos": linea_de_tiempo(
                self.entidad, self.id_historial(objeto), self.estados, self.motivos, tope=_PASOS
            ),
            "todo_el_historial": historial,
            "ficha": Ficha() if hacedor is None else hacedor(request, objeto),
            "zona": timezone.get_current_timezone_name(),
            **self.contexto_de(request, objeto),
        }
        contexto["enlaces"] = [*contexto.get("enlaces", ()), self._al_formulario(request, objeto)]
        return TemplateResponse(request, "admin/alpes/ficha_entera.html", contexto)

    def _desde(self, objeto: Any) -> datetime | None:
        """Since when it is in its state."""
        pasos = historial_de(self.entidad, self.id_historial(objeto))
        suyos = pasos.filter(estado_nuevo=objeto.estado).exclude(estado_anterior=objeto.estado)
        return suyos.reverse().values_list("creado_en", flat=True).first()

    def _al_formulario(self, request: HttpRequest, objeto: Any) -> tuple[str, str, str]:
        url = f"{self.url_de_ficha(objeto)}?{EDITAR}=1"
        if self.has_change_permission(request, objeto):
            return _("Editar"), url, "edit"
        return _("Todos los datos"), url, "description"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The form, with the way back."""
        if context.get("original") is not None:
            context["url_de_ficha"] = self.url_de_ficha(context["original"])
        return super().render_change_form(request, context, *args, **kwargs)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """After saving, the page of the object; or its form again, if that was asked for."""
        respuesta = super().response_change(request, obj)
        if "_popup" in request.POST or "_addanother" in request.POST:
            return respuesta
        url = self.url_de_ficha(obj)
        return redirect(f"{url}?{EDITAR}=1" if "_continue" in request.POST else url)


def lista_de(modelo: type[Model], filtro: str = "") -> str:
    """Address of a list of the admin, filtered."""
    opciones = modelo._meta
    url = reverse(f"admin:{opciones.app_label}_{opciones.model_name}_changelist")
    return f"{url}?{filtro}" if filtro else url
