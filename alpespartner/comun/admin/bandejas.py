"""What waits for somebody in particular: rows that no condition of a list can tell, such as those
that another person prepared. They are few: they are looked for once, and the front page and the
list take the same ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from alpespartner.comun.actores import Actor
from alpespartner.comun.admin.base import actor_de
from alpespartner.comun.listas.pagina import pagina
from alpespartner.comun.separacion import manos

PARAMETRO = "espera"
# Rows that are looked at, the oldest first: past it there are more.
TOPE = 200


Filas = tuple[list[Any], bool]


@dataclass(frozen=True, slots=True)
class Bandeja:
    """``filas`` gives the rows that wait for whoever asks, and whether there may be more."""

    nombre: str
    titulo: Any
    modelo: type[Model]
    filas: Callable[[HttpRequest], Filas]

    def de(self, request: HttpRequest) -> Filas:
        """Those of a request, which are looked for once."""
        halladas: dict[str, Filas] = request.__dict__.setdefault("_bandejas", {})
        clave = f"{self.modelo._meta.label}.{self.nombre}"
        if clave not in halladas:
            halladas[clave] = self.filas(request)
        return halladas[clave]


def que_esperan(consulta: QuerySet[Any], vale: Callable[[Any], bool]) -> Filas:
    """Of the first rows of a query, in its order, those of which ``vale`` is true; and whether it
    has more rows than were looked at."""
    una = pagina(consulta, TOPE)
    return [fila for fila in una.filas if vale(fila)], una.siguiente is not None


def de_otras_manos(actor: Actor, *campos: str) -> Callable[[Any], bool]:
    """Whether nothing in some fields of a row, which name authors, is of an author's hands."""
    suyas = manos(actor) | {str(actor)}
    return lambda fila: all(getattr(fila, campo) not in suyas for campo in campos)


def de_otros(consulta: QuerySet[Any], *campos: str) -> Callable[[HttpRequest], Filas]:
    """Rows of a query that somebody else prepared."""
    return lambda request: que_esperan(consulta.all(), de_otras_manos(actor_de(request), *campos))


def filtro_de(*bandejas: Bandeja) -> type[DropdownFilter]:
    """Filter of a list by what waits for whoever looks at it."""

    class FiltroBandeja(DropdownFilter):
        title = _("qué espera")
        parameter_name = PARAMETRO
        all_option = ("", _("Todo"))

        def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
            return [(bandeja.nombre, bandeja.titulo) for bandeja in bandejas]

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            suyas: Sequence[Bandeja] = [b for b in bandejas if b.nombre == self.value()]
            if not suyas:
                return queryset
            filas, _hay_mas = suyas[0].de(request)
            return queryset.filter(pk__in=[fila.pk for fila in filas])

    return FiltroBandeja
