"""What the review queue shows: its tabs, its order and its search."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.admin.formato import Cuenta, aviso_de_atraso, contar_hasta
from alpespartner.comun.listas.contadores import Celda, celdas
from comisiones.admin.comision.vencen import PARAMETRO as VENCE
from comisiones.comision.estados import EN_REVISION, EstadoComision
from comisiones.comision.models import Comision
from conversiones.campanas.models import Campana

PARAMETRO = "estado"
TODAS = "todas"
DE_QUIEN = ("afiliado", "campana")
# Tabs count so many by index; past it, what the counters have.
TOPE = 999


class FiltroEstado(DropdownFilter):
    """By state; without a choice, what waits for review."""

    title = _("estado")
    parameter_name = PARAMETRO
    all_option = ["", _("En revisión")]

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [*EstadoComision.choices, (TODAS, _("Todas"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        valor = self.value()
        if valor == TODAS:
            return queryset
        if valor in EstadoComision.values:
            return queryset.filter(estado=valor)
        # A search looks everywhere: whoever asks for one id wants it whatever its state.
        if request.GET.get("q"):
            return queryset
        return queryset.filter(estado__in=sorted(EN_REVISION))


def orden(request: HttpRequest) -> tuple[str, ...]:
    """Review goes oldest first, pending before held (their names sort so); the rest newest first.

    Both are orders of the index (``estado``, ``id``). What is asked for by when it can be paid
    comes in that order.
    """
    estado = request.GET.get(PARAMETRO, "")
    if request.GET.get("q"):
        return ("-id",)
    if request.GET.get(VENCE) and estado != TODAS:
        return ("madura_en", "id")
    if not estado:
        return ("estado", "id")
    return ("id",) if estado in EN_REVISION else ("-id",)


def pestanas(lista: Any) -> dict[str, Any]:
    """Tabs of the queue with how many there are of the affiliate or campaign that it is of, and
    what to know of those numbers."""
    actual = lista.params.get(PARAMETRO, "")
    if lista.query and not actual:
        actual = TODAS
    filtros = {
        f"{campo}_id": lista.params[f"{campo}__id__exact"]
        for campo in DE_QUIEN
        if f"{campo}__id__exact" in lista.params
    }
    suyas = Comision.objects.filter(**filtros)
    sabidas: dict[str, list[Celda]] = {estado: [] for estado in EstadoComision.values}
    for celda in celdas(suyas):
        sabidas.setdefault(celda.estado, []).append(celda)
    cuentas = {
        estado: contar_hasta(suyas.filter(estado=estado), TOPE, sabidas=sabidas[estado])
        for estado in EstadoComision.values
    }
    titulos = [("", _("En revisión"), _juntas(cuentas[e] for e in sorted(EN_REVISION)))]
    titulos += [(e.value, e.label, str(cuentas[e.value])) for e in EstadoComision]
    titulos.append((TODAS, _("Todas"), _juntas(cuentas.values())))
    de_contadores = any(cuenta.celdas for cuenta in cuentas.values())
    return {
        "pestanas": _enlaces(lista, actual, titulos),
        "aviso_de_cuentas": aviso_de_atraso() if de_contadores else "",
    }


def _juntas(cuentas: Iterable[Cuenta]) -> str:
    """How many there are of several counts; of one that stopped, that there are more."""
    todas = list(cuentas)
    return str(Cuenta(sum(una.n for una in todas), any(una.hay_mas for una in todas)))


def _enlaces(
    lista: Any, actual: str, titulos: Iterable[tuple[str, Any, str]]
) -> list[dict[str, Any]]:
    return [
        {
            "titulo": titulo,
            "cuenta": cuenta,
            "activa": actual == valor,
            "url": lista.get_query_string({PARAMETRO: valor}, ["p", "q"])
            if valor
            else lista.get_query_string(remove=[PARAMETRO, "p", "q"]),
        }
        for valor, titulo, cuenta in titulos
    ]


def alcance_de(request: HttpRequest) -> str:
    """What a selection of the list takes, in words: the rows of a page, or all of a filter."""
    if request.POST.get("select_across") != "1":
        return _now("Elegidas a mano")
    estado, termino = request.GET.get(PARAMETRO, ""), request.GET.get("q", "")
    titulos: dict[str, Any] = {**dict(EstadoComision.choices), TODAS: _("Todas")}
    del_filtro = _("Todas") if termino else _("En revisión")
    partes = [str(titulos.get(estado, del_filtro))]
    for parametro, modelo in (("afiliado", Afiliado), ("campana", Campana)):
        clave = request.GET.get(f"{parametro}__id__exact", "")
        if clave.isdecimal():
            partes += [str(fila) for fila in modelo._default_manager.filter(pk=int(clave))]
    if termino:
        partes.append(f"«{termino}»")
    return _now("Todas las del filtro: %(filtro)s") % {"filtro": " · ".join(partes)}
