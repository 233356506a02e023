"""Bases of the project's admin pages."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import unquote
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import DataError
from django.db.models import DecimalField, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin

from alpespartner.comun.acceso.presencia import persona_de
from alpespartner.comun.actores import Actor
from alpespartner.comun.admin.elegir import ElegirFila, nombrar
from alpespartner.comun.admin.errores import YaGuardado
from alpespartner.comun.admin.exportar import exportar, exportar_elegidas
from alpespartner.comun.admin.listas import Lista, Paginador, buscar, filtros_de
from alpespartner.comun.admin.numeros import CampoNumero
from alpespartner.comun.errores import ErrorDominio
from alpespartner.comun.idempotencia import guardar_respuesta, reservar
from alpespartner.comun.identificadores import canonico
from alpespartner.comun.models import Propuesta
from alpespartner.comun.textos import cifras_llanas, normalizar

_SIN_USO = ("urlify.js", "prepopulate.js", "xregexp.js", "xregexp.min.js")


def actor_de(request: HttpRequest) -> Actor:
    """The member of the staff who makes a request, with what their session says of them."""
    return persona_de(request)


class ListaSegura(ModelAdmin):
    """A list that answers a filter it cannot ask for as it answers one that does not exist."""

    # What its page and the menu call it, when that is not the plural of its rows; and what is said
    # of it while it is empty.
    titulo: Any = ""
    si_vacia: Any = ""
    # Asked for twice a row: Django looks through the whole of what has no such name.
    list_sections: Sequence[Any] = ()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """The list, under its name: Django's title asks to choose a row of it."""
        titulo = self.titulo or capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": titulo, **(extra_context or {})})

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """After saving, what was saved: Django leads to the list, where it has to be found."""
        if not self.has_view_permission(request, obj):
            return super().response_post_save_add(request, obj)
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", obj.pk)

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """The same."""
        return self.response_post_save_add(request, obj)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """What the filters of the list ask for: Django lets an address compare any column, with
        an index or without."""
        return lookup in filtros_de(self.get_list_filter(request))

    def response_action(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """An action on a selection; a 400 for one that names what is no key."""
        for clave in request.POST.getlist(ACTION_CHECKBOX_NAME):
            try:
                self.model._meta.pk.to_python(clave)
            except ValidationError:
                raise BadRequest(ACTION_CHECKBOX_NAME) from None
        return super().response_action(request, queryset)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list, with its rows read: what the database does not take is seen here."""
        try:
            lista = super().get_changelist_instance(request)
            if request.method == "GET":
                len(lista.result_list)
        except (ArithmeticError, DataError, ValueError) as exc:
            raise IncorrectLookupParameters from exc
        return lista


class AdminBase(ListaSegura):
    """Lists that are as fast at a million rows, and rows that nobody deletes."""

    paginator = Paginador
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 0
    # A header that sorts by a column without an index would read the whole table.
    sortable_by: Any = ()
    # Whether its list may be taken as a file, and the columns of it (``exportacion/columnas.py``):
    # without any, those that it shows.
    exportable = True
    exporta: Sequence[str] = ()
    list_filter_submit = True
    compressed_fields = True
    warn_unsaved_form = True

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list; without filters it offers no «show all», which would be the same list."""
        # What is searched for may be a name in any script; all else names rows and pages.
        if not all(cifras_llanas(v) for k, vs in request.GET.lists() if k != "q" for v in vs):
            raise BadRequest("cifras")
        lista = super().get_changelist_instance(request)
        if not lista.has_active_filters and not lista.query:
            lista.full_result_count = lista.result_count
        return lista

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """What is searched for, in the form in which names and our ids are kept."""
        termino = canonico(normalizar(search_term))
        return (self.buscar(queryset, termino) if termino else queryset), False

    def buscar(self, consulta: QuerySet[Any], termino: str) -> QuerySet[Any]:
        """The rows of a term: comparisons of columns of the table, or keys found by an index."""
        return buscar(consulta, self.search_fields, termino)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[Lista]:
        return Lista

    def get_urls(self) -> list[URLPattern]:
        """Adds the list as a file."""
        urls: list[URLPattern] = super().get_urls()
        if not self.exportable:
            return urls
        vista = self.admin_site.admin_view(require_POST(self.vista_exportar))
        return [path("exportar/", vista, name=self.nombre_de_vista("exportar")), *urls]

    def vista_exportar(self, request: HttpRequest) -> HttpResponse:
        """What the list has, as its address filters it, as a file."""
        return exportar(self, request)

    @admin.action(description=gettext_lazy("Exportar"), permissions=["view"])
    def exportar_varias(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        """Those that were selected, as a file: for lists that name it among their actions."""
        return exportar_elegidas(self, request, queryset)

    def get_paginator(
        self, request: HttpRequest, queryset: Any, *args: Any, **kwargs: Any
    ) -> Paginator:
        """Of its list; of what another table says of a row, Django's."""
        if queryset.model is not self.model:
            return Paginator(queryset, *args, **kwargs)
        return super().get_paginator(request, queryset, *args, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """With a box of ours where a row is searched for."""
        if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = ElegirFila(db_field, self.admin_site, using=kwargs.get("using"))
        campo = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if campo is not None and isinstance(campo.widget, ElegirFila):
            nombrar(campo, db_field, self.admin_site)
        return campo

    def como_elegir(self, fila: Any) -> str:
        """A row in the boxes that look for one: what tells it from others of its name."""
        return str(fila)

    @property
    def media(self) -> forms.Media:
        """Scripts of its pages: no field of ours is written from others."""
        toda = super().media
        utiles = [js for js in toda._js if not str(js).endswith(_SIN_USO)]
        return forms.Media(css=toda._css, js=utiles)

    def nombre_de_vista(self, vista: str) -> str:
        """Name of the address of one of the model's pages, without its namespace."""
        opciones = self.model._meta
        return f"{opciones.app_label}_{opciones.model_name}_{vista}"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The page, with what else it shows of a saved object."""
        objeto = context.get("original")
        if objeto is not None:
            context["nombre"] = context["subtitle"] = self.nombre_de(objeto)
            context.update(self.contexto_de(request, objeto))
        return super().render_change_form(request, context, *args, **kwargs)

    def nombre_de(self, objeto: Any) -> str:
        """What its page is called: by what people know it, where its id says nothing."""
        return str(objeto)

    def contexto_de(self, request: HttpRequest, objeto: Any) -> dict[str, Any]:
        """What else the page of an object shows."""
        return {}

    def objeto_o_404(self, request: HttpRequest, object_id: str) -> Any:
        """The object of an address, if the user may see it."""
        objeto = self.get_object(request, unquote(object_id))
        if objeto is None:
            raise Http404
        if not self.has_view_permission(request, objeto):
            raise PermissionDenied
        return objeto

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nothing of the domain is deleted: it is closed, voided or reversed."""
        return False


class AdminSoloLectura(AdminBase):
    """Rows that nobody writes by hand: financial lines, events, history."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class CifrasLlanas(forms.BaseForm):
    """Form whose numbers and dates are written with the digits from 0 to 9."""

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]
        con_cifras = (forms.IntegerField, forms.DateField, forms.DateTimeField, forms.TimeField,
                      forms.SplitDateTimeField)  # fmt: skip
        for nombre, campo in self.fields.items():
            if not isinstance(campo, con_cifras) or nombre in self.errors:
                continue
            dado = self[nombre].data
            partes = dado if isinstance(dado, list | tuple) else [dado]
            if not all(cifras_llanas(parte) for parte in partes if isinstance(parte, str)):
                self.add_error(nombre, _("Usa las cifras del 0 al 9."))


FICHA = "ficha_de_un_uso"
_DE_PROPUESTA = "admin:comun_propuesta_change"


class FormularioDeServicio(CifrasLlanas, forms.ModelForm):
    """Form whose rules are the service's: it shows what the service refused."""

    error_dominio: ErrorDominio | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for campo, valor in self.initial.items():
            if isinstance(valor, Decimal):
                self.initial[campo] = Decimal(f"{valor.normalize():f}")

    def _get_validation_exclusions(self) -> set[str]:
        # The model's unique and check constraints: the service says the same, better.
        return {campo.name for campo in self._meta.model._meta.fields}

    def clean(self) -> dict[str, Any]:
        error = self.error_dominio
        if error is not None:
            campo = error.campo if error.campo in self.fields else None
            self.add_error(campo, error.mensaje)
        return self.cleaned_data


class AdminPorServicio(AdminBase):
    """Add and edit pages that save through services; ``form`` is a FormularioDeServicio.

    An add page carries a token that saves once: a double click, or the page sent again, leads to
    what the first one made. What it made may be a proposal, which another person has to confirm.
    """

    change_form_before_template = "admin/alpes/ficha.html"

    def crear(self, request: HttpRequest, datos: dict[str, Any]) -> Any:
        """Call the service that creates; returns the saved row, or the proposal of it."""
        raise NotImplementedError

    def actualizar(self, request: HttpRequest, objeto: Any, cambios: dict[str, Any]) -> Any:
        """Call the service that changes; returns the saved row."""
        raise NotImplementedError

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Amounts and percentages are text boxes that read either separator."""
        if isinstance(db_field, DecimalField):
            # With what the form says of it: its help is of no use unseen.
            return db_field.formfield(**{**kwargs, "form_class": CampoNumero})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save by the service; a refusal goes up to :meth:`changeform_view`."""
        if change:
            # Only what this person changed: the rest may have changed meanwhile.
            cambios = {campo: form.cleaned_data[campo] for campo in form.changed_data}
            self.actualizar(request, obj, cambios)
        else:
            hecho = self._crear_una_vez(request, dict(form.cleaned_data))
            if isinstance(hecho, Propuesta):
                request.propuesta = hecho  # type: ignore[attr-defined]
                return
            obj.pk = hecho.pk
        obj.refresh_from_db()

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Django's own log: a proposal is no row of the model yet."""
        if getattr(request, "propuesta", None) is not None:
            return None
        return super().log_addition(request, obj, message)

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Where the browser goes next: to the proposal, if that is what the page made."""
        propuesta = getattr(request, "propuesta", None)
        if propuesta is None:
            return super().response_add(request, obj, post_url_continue)
        messages.success(request, _("Propuesto: se hará cuando lo confirme otra persona."))
        return redirect(_DE_PROPUESTA, propuesta.pk)

    def _crear_una_vez(self, request: HttpRequest, datos: dict[str, Any]) -> Any:
        """The row that the page makes; raises YaGuardado when it made it before."""
        ficha = request.POST.get(FICHA, "")
        if not ficha:
            return self.crear(request, datos)
        # Django holds the whole page in one transaction: a refusal gives the token back.
        peticion, nueva = reservar(
            ambito=f"{actor_de(request)} {self.nombre_de_vista('add')}", clave=ficha[:64], huella=""
        )
        if not nueva:
            respuesta = peticion.respuesta
            raise YaGuardado(respuesta["pk"], respuesta.get("vista", self._vista_de_cambio))
        hecho = self.crear(request, datos)
        vista = _DE_PROPUESTA if isinstance(hecho, Propuesta) else self._vista_de_cambio
        guardar_respuesta(peticion, 201, {"pk": hecho.pk, "vista": vista})
        return hecho

    @property
    def _vista_de_cambio(self) -> str:
        return f"admin:{self.nombre_de_vista('change')}"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The page; one that adds, with its token."""
        if context.get("original") is None:
            context["ficha_de_un_uso"] = request.POST.get(FICHA) or secrets.token_urlsafe(18)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Form class; after a refusal, one that shows it."""
        clase = super().get_form(request, obj, change, **kwargs)
        error = getattr(request, "error_dominio", None)
        return clase if error is None else type("Rechazado", (clase,), {"error_dominio": error})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page again, with the service's refusal beside its field."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except YaGuardado as exc:
            messages.info(request, _("Ya se había guardado: es esta."))
            return redirect(exc.vista, exc.pk)
        except ErrorDominio as exc:
            request.error_dominio = exc  # type: ignore[attr-defined]
            return super().changeform_view(request, object_id, form_url, extra_context)
