"""Lists of the admin: pages by cursor, counts as far as they are cheap, searches by index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.paginator import Page, Paginator
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from alpespartner.comun.admin.formato import aviso_de_atraso
from alpespartner.comun.busqueda.consulta import LIMITE
from alpespartner.comun.formato import entero
from alpespartner.comun.listas.buscar import claves_de, empieza
from alpespartner.comun.listas.claves import contar
from alpespartner.comun.listas.contadores import celdas, cuantas
from alpespartner.comun.listas.errores import CursorAjeno
from alpespartner.comun.listas.pagina import ULTIMA, Pagina, orden_de, pagina

# Past this many, the pages of a list have no numbers, and without counters it says «more than».
TOPE_CONTEO = 1_000
CURSOR = "cursor"


class MasDe(int):
    """A count that stopped: there are more."""

    def __str__(self) -> str:
        return _("más de %(n)s") % {"n": entero(int(self))}


class Sabidas(int):
    """A count that the counters keep."""

    def __str__(self) -> str:
        return entero(int(self))


class Paginador(Paginator):
    """Numbered pages of the first ``TOPE_CONTEO`` rows of a list."""

    object_list: QuerySet[Any]
    template_name = "admin/alpes/paginas.html"

    @cached_property
    def count(self) -> int:
        """Rows of the list: :class:`Sabidas` when counters have many, else :class:`MasDe` when it
        has more than are counted."""
        n = cuantas(celdas(self.object_list))
        if n > TOPE_CONTEO:
            return Sabidas(n)
        n, entera = contar(self.object_list, TOPE_CONTEO)
        return n if entera else MasDe(n)

    @property
    def exacta(self) -> bool:
        """Whether the count is of this moment and all there is, so that its pages have numbers."""
        return not isinstance(self.count, MasDe | Sabidas)

    def page(self, number: int | str) -> Page:
        """The rows of a page by its number; raises InvalidPage past the last one that has one."""
        cual = self.validate_number(number)
        filas = pagina(self.object_list, self.per_page, salto=(cual - 1) * self.per_page).filas
        return Page(filas, cual, self)


class Lista(ChangeList):
    """A list whose pages cost the same wherever they are."""

    paginator: Paginador
    pagina: Pagina[Any]

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """Rows that match; the cursor is no filter."""
        self.params.pop(CURSOR, None)
        self.filter_params.pop(CURSOR, None)
        return super().get_queryset(request, exclude_parameters)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """The list's own, or that of a filter; an address chooses none, for it needs an index."""
        return list(orden_de(queryset))

    def get_results(self, request: HttpRequest) -> None:
        """The page that was asked for, by its number or by a cursor."""
        paginador: Any = self.model_admin.get_paginator(request, self.queryset, self.list_per_page)
        salto = (self.page_num - 1) * self.list_per_page
        if self.page_num < 1 or salto > TOPE_CONTEO:
            raise IncorrectLookupParameters
        self.cursor = request.GET.get(CURSOR, "")
        try:
            self.pagina = pagina(
                self.queryset, self.list_per_page, cursor=self.cursor,
                salto=0 if self.cursor else salto,
            )  # fmt: skip
        except CursorAjeno as exc:
            raise IncorrectLookupParameters from exc
        if salto and not self.cursor and not self.pagina.filas:
            raise IncorrectLookupParameters
        self.paginator = paginador
        self.result_list = self.pagina.filas
        self.result_count = paginador.count
        self.show_full_result_count = False
        self.full_result_count = None
        self.show_admin_actions = True
        self.can_show_all = False
        self.multi_page = bool(self.pagina.siguiente or self.pagina.anterior)

    @property
    def numerada(self) -> bool:
        """Whether its pages have numbers: it is short, and nothing else leads to this one."""
        return self.paginator.exacta and not self.cursor

    @property
    def aviso(self) -> str:
        """What to know of its count: how old it is, if it may not be of now; and of a search, that
        it may not have found all there is."""
        if self.query and self.result_count >= LIMITE:
            return _(
                "Se buscan hasta %(n)s coincidencias de cada cosa: si falta algo, escribe más."
            ) % {"n": entero(LIMITE)}
        return aviso_de_atraso() if isinstance(self.paginator.count, Sabidas) else ""

    @property
    def url_exportar(self) -> str:
        """Where the list, as it is filtered, is taken as a file; "" when it is not."""
        pagina: Any = self.model_admin
        if not pagina.exportable:
            return ""
        return reverse(f"admin:{pagina.nombre_de_vista('exportar')}") + self.get_query_string()

    def enlaces(self) -> Iterator[dict[str, Any]]:
        """The ways to the first page, the ones beside and the last one."""
        anterior, siguiente = self.pagina.anterior, self.pagina.siguiente
        yield {"texto": _("Primera"), "url": self.get_query_string() if anterior else ""}
        yield {"texto": _("Anterior"), "url": self._a(anterior), "rel": "prev"}
        yield {"texto": _("Siguiente"), "url": self._a(siguiente), "rel": "next"}
        yield {"texto": _("Última"), "url": self._a(ULTIMA) if siguiente else ""}

    def _a(self, cursor: str | None) -> str:
        return self.get_query_string({CURSOR: cursor}) if cursor else ""


class ListaCorta:
    """Of a table that stays small, such as that of the staff: Django's list, with its counts, order
    and search. It comes before the admin's class."""

    paginator: Any = Paginator
    sortable_by: Any = None
    exportable = False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Django's."""
        return ChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Django's."""
        yo: Any = self
        return ModelAdmin.get_search_results(yo, request, queryset, search_term)


def filtros_de(list_filter: Any) -> set[str]:
    """Parameters of the address that the filters of a list read."""
    nombres = set()
    for filtro in list_filter:
        if isinstance(filtro, str | tuple):
            campo = filtro if isinstance(filtro, str) else filtro[0]
            nombres |= {
                f"{campo}{sufijo}" for sufijo in ("", "__exact", "__in", "__isnull", "__id__exact")
            }
        else:
            nombres |= set(getattr(filtro, "parametros", (filtro.parameter_name,)))
    return nombres


def buscar(consulta: QuerySet[Model], campos: Any, termino: str) -> QuerySet[Any]:
    """Rows that have the term in one of some fields: ``=campo``, or ``campo__istartswith``."""
    condicion = Q()
    for campo in campos:
        nombre, _sep, como = campo.lstrip("=").partition("__")
        if como == "istartswith":
            suyas = consulta.model._default_manager.filter(empieza(nombre, termino))
            condicion |= Q(pk__in=claves_de(suyas))
        else:
            condicion |= Q(**{nombre: termino})
    return consulta.filter(condicion)
