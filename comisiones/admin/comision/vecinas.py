"""Where a commission stands in the list from which it was opened, and which one comes next."""

from __future__ import annotations

from copy import copy
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from alpespartner.comun.admin.listas import Lista, MasDe, Paginador
from alpespartner.comun.formato import entero
from alpespartner.comun.listas.claves import Posicion, columnas_de, leer
from alpespartner.comun.listas.errores import DemasiadasRamas
from alpespartner.comun.listas.pagina import orden_de
from comisiones.comision.estados import EN_REVISION, EstadoComision
from comisiones.comision.models import Comision

# Django's own parameter: the query string of the list.
FILTRO = "_changelist_filters"
# Rows before it that are counted.
TOPE = 500


class SoloFiltro(Lista):
    """What a list has, without reading any page of it."""

    def get_results(self, request: HttpRequest) -> None:
        """None of them."""
        self.result_list: list[Any] = []
        self.result_count = 0


class Vecindad(NamedTuple):
    """The key of the next one, and the place of this one in words."""

    siguiente: int | None
    lugar: str


def con_filtro(url: str, request: HttpRequest) -> str:
    """An address that keeps the list from which a request came."""
    filtro = request.GET.get(FILTRO, "")
    return f"{url}?{urlencode({FILTRO: filtro})}" if filtro else url


def vecindad_de(pagina: Any, request: HttpRequest, comision: Comision) -> Vecindad:
    """Of a commission, in the list that its address names; in the queue when it names none, or one
    that there is not."""
    try:
        return _vecindad(consulta_de(pagina, request, request.GET.get(FILTRO, "")), comision)
    except (IncorrectLookupParameters, SuspiciousOperation, BadRequest, DemasiadasRamas):
        return _vecindad(consulta_de(pagina, request, ""), comision)


def consulta_de(pagina: Any, request: HttpRequest, filtro: str) -> QuerySet[Comision]:
    """What a list has with a filter, unread. Raises what the list does for one that it has not."""
    pedida: Any = copy(request)
    pedida.GET = QueryDict(filtro)
    pedida.solo_filtro = True
    return pagina.get_changelist_instance(pedida).queryset


def _vecindad(consulta: QuerySet[Comision], comision: Comision) -> Vecindad:
    orden = orden_de(consulta)
    aqui = _posicion(comision, columnas_de(consulta, orden)[0])
    return Vecindad(
        _otra(leer(consulta, orden, 2, desde=aqui).claves, comision)
        or _otra(leer(consulta, orden, 2).claves, comision),
        _lugar(consulta, orden, aqui, comision),
    )


def _otra(claves: list[int], comision: Comision) -> int | None:
    return next((pk for pk in claves if pk != comision.pk), None)


def _lugar(
    consulta: QuerySet[Comision], orden: tuple[str, ...], aqui: Posicion, comision: Comision
) -> str:
    """``12 de 340``; nothing for one that is not among them any more."""
    if not consulta.order_by().filter(pk=comision.pk).exists():
        return ""
    total = Paginador(consulta, 1).count
    antes = leer(consulta, orden, TOPE, desde=aqui, al_reves=True)
    n = len(antes.claves)
    lugar = str(MasDe(n)) if n >= TOPE or antes.hasta is not None else entero(n + 1)
    return _("%(lugar)s de %(total)s") % {
        "lugar": lugar,
        "total": entero(total) if type(total) is int else str(total),
    }


def _posicion(comision: Comision, columnas: list[str]) -> Posicion:
    """Of a row, as the database gives it. One that was decided was where it waits no more: what
    comes after it is what came after it then."""
    valores: list[Any] = []
    for columna in columnas:
        valor = getattr(comision, columna)
        if columna == "estado" and valor not in EN_REVISION:
            valor = EstadoComision.PENDIENTE.value
        if isinstance(valor, datetime):
            valor = valor.astimezone(UTC).replace(tzinfo=None)
        valores.append(valor)
    return tuple(valores)
