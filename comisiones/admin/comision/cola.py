"""What the review queue shows around its rows: tabs with their counts, what is applied as labels,
what it adds up to, and what each row tells the page's script."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import get_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.admin.formato import (
    Cuenta,
    aviso_de_atraso,
    contar_hasta,
    etiqueta,
    importe,
)
from alpespartner.comun.admin.listas import MasDe, Sabidas
from alpespartner.comun.dinero import exponente
from alpespartner.comun.listas.claves import leer
from alpespartner.comun.listas.contadores import Celda, celdas, sumas
from alpespartner.comun.listas.pagina import orden_de
from alpespartner.comun.listas.sumas import por_moneda
from alpespartner.comun.textos import entero
from comisiones.admin.comision import filtros
from comisiones.admin.comision.filtros import PARAMETRO, REVISION, TODAS, Dado
from comisiones.admin.comision.vencen import FiltroVence
from comisiones.comision.estados import EN_REVISION, EstadoComision, MotivoRetencion
from comisiones.comision.models import Comision
from comisiones.reglas.models import Regla
from conversiones.campanas.models import Campana

# Tabs count so many by index; past it, what the counters have.
TOPE = 999
# Rows that are added up one by one; of more, what the counters have.
TOPE_SUMA = 500
_CLAVES = (("afiliado", Afiliado), ("campana", Campana), ("regla", Regla))


class Ficha(NamedTuple):
    """A filter that is applied: what it is of, its value in words, and its parameters."""

    titulo: str
    valor: str
    parametros: tuple[str, ...]


def aplicados(dado: Dado) -> list[Ficha]:
    """What an address filters by besides the state, in words."""
    fichas = []
    for nombre, modelo in _CLAVES:
        parametro = f"{nombre}__id__exact"
        if (clave := dado.get(parametro)) and (pk := entero(clave)) is not None:
            fila = modelo._default_manager.filter(pk=pk).first()
            titulo = str(modelo._meta.verbose_name).capitalize()
            fichas.append(Ficha(titulo, str(fila or clave), (parametro,)))
    if motivo := dado.get(filtros.MOTIVO):
        fichas.append(Ficha(_now("Retenida"), etiqueta(MotivoRetencion, motivo), (filtros.MOTIVO,)))
    if dias := dado.get(filtros.ANTIGUEDAD):
        dicho = dict(filtros.FiltroAntiguedad.lookups(None, None, None)).get(dias)  # type: ignore[arg-type]
        if dicho:
            fichas.append(Ficha(_now("Antigüedad"), dicho, (filtros.ANTIGUEDAD,)))
    if vence := dado.get(filtros.VENCE):
        dicho = dict(FiltroVence.lookups(None, None, None)).get(vence)  # type: ignore[arg-type]
        if dicho:
            fichas.append(Ficha(_now("Se puede pagar"), dicho, (filtros.VENCE,)))
    if moneda := dado.get(filtros.MONEDA):
        fichas.append(Ficha(_now("Moneda"), moneda, (filtros.MONEDA,)))
    for titulo, desde, hasta in (
        (_now("Calculada"), filtros.DESDE, filtros.HASTA),
        (_now("Monto"), filtros.MONTO_DESDE, filtros.MONTO_HASTA),
    ):
        if dicho := _entre(dado.get(desde, ""), dado.get(hasta, "")):
            fichas.append(Ficha(titulo, dicho, (desde, hasta)))
    if termino := dado.get("q"):
        fichas.append(Ficha(_now("Búsqueda"), f"«{termino}»", ("q",)))
    return fichas


def _entre(desde: str, hasta: str) -> str:
    if desde and hasta:
        return _now("de %(desde)s a %(hasta)s") % {"desde": desde, "hasta": hasta}
    if desde:
        return _now("desde %(desde)s") % {"desde": desde}
    return _now("hasta %(hasta)s") % {"hasta": hasta} if hasta else ""


def alcance_de(request: HttpRequest) -> str:
    """What a selection of the list takes, in words: the rows of a page, or all of a filter."""
    if request.POST.get("select_across") != "1":
        # Kept as it is, and said in the language of whoever reads it.
        return gettext_noop("Elegidas a mano")
    dado = request.GET
    estado = dado.get(PARAMETRO, "")
    titulos: dict[str, Any] = {
        **dict(EstadoComision.choices), TODAS: _("Todas"), REVISION: _("En revisión"),
    }  # fmt: skip
    del_filtro = _("Todas") if dado.get("q") else _("En revisión")
    partes = [str(titulos.get(estado, del_filtro)), *(ficha.valor for ficha in aplicados(dado))]
    return _now("Todas las del filtro: %(filtro)s") % {"filtro": " · ".join(partes)}


def contexto_de_cola(lista: Any, request: HttpRequest) -> dict[str, Any]:
    """Tabs, labels and sums of a list."""
    fichas = aplicados(request.GET)
    dentro = {parametro for ficha in fichas for parametro in ficha.parametros}
    return {
        **_pestanas(lista, request),
        "fichas": [
            {"ficha": ficha, "url": lista.get_query_string(remove=["p", *ficha.parametros])}
            for ficha in fichas
        ],
        "quitar_todos": lista.get_query_string(remove=["p", *sorted(dentro)]),
        **_suma(lista),
        "miles": get_format("THOUSAND_SEPARATOR"),
        "decimal": get_format("DECIMAL_SEPARATOR"),
    }


def _pestanas(lista: Any, request: HttpRequest) -> dict[str, Any]:
    """Tabs of the queue, each with how many it would show, and what to know of those numbers."""
    actual = lista.params.get(PARAMETRO, "")
    if lista.query and not actual:
        actual = TODAS
    if actual == REVISION:
        actual = ""
    suyas = _sin_estado(lista, request)
    sabidas: dict[str, list[Celda]] = {estado: [] for estado in EstadoComision.values}
    for celda in celdas(suyas):
        sabidas.setdefault(celda.estado, []).append(celda)
    cuentas = {
        estado: contar_hasta(suyas.filter(estado=estado), TOPE, sabidas=sabidas[estado])
        for estado in EstadoComision.values
    }
    # A search looks everywhere unless it says where.
    revision = REVISION if lista.query else ""
    titulos = [("", _("En revisión"), _juntas(cuentas[e] for e in sorted(EN_REVISION)))]
    titulos += [(e.value, e.label, _dicha(cuentas[e.value])) for e in EstadoComision]
    titulos.append((TODAS, _("Todas"), _juntas(cuentas.values())))
    de_contadores = any(cuenta.celdas for cuenta in cuentas.values())
    return {
        "pestanas": [
            {
                "titulo": titulo,
                "cuenta": cuenta,
                "activa": actual == valor,
                "url": lista.get_query_string({PARAMETRO: valor or revision or None}, ["p"]),
            }
            for valor, titulo, cuenta in titulos
        ],
        "aviso_de_cuentas": aviso_de_atraso() if de_contadores else "",
    }


def _sin_estado(lista: Any, request: HttpRequest) -> QuerySet[Comision]:
    """What a list would show in all of its tabs together."""
    suyas: QuerySet[Comision] = Comision.objects.all()
    for filtro in lista.filter_specs:
        if not isinstance(filtro, filtros.FiltroEstado):
            suyas = filtro.queryset(request, suyas)
    return lista.model_admin.get_search_results(request, suyas, lista.query)[0]


def _dicha(cuenta: Cuenta) -> str:
    return str(MasDe(cuenta.n)) if cuenta.hay_mas else str(Sabidas(cuenta.n))


def _juntas(cuentas: Iterable[Cuenta]) -> str:
    """How many there are of several counts; of one that stopped, that there are more."""
    todas = list(cuentas)
    return _dicha(Cuenta(sum(una.n for una in todas), any(una.hay_mas for una in todas)))


def _suma(lista: Any) -> dict[str, Any]:
    """How many a list has and what they add up to in each currency: row by row as far as
    ``TOPE_SUMA``, past it what the counters have, if they have them."""
    consulta, n = lista.queryset, lista.result_count
    de_contadores = isinstance(n, MasDe | Sabidas)
    sumadas: list[tuple[str, Decimal]] = []
    if de_contadores or n > TOPE_SUMA:
        sumadas = sumas(celdas(consulta))
    else:
        tramo = leer(consulta, orden_de(consulta), n + 1)
        if tramo.hasta is None:
            filas = Comision.objects.filter(pk__in=tramo.claves).order_by()
            sumadas = por_moneda(filas.values_list("moneda", "monto"))
    return {
        "cuantas": str(n) if de_contadores else str(Sabidas(n)),
        "sumas": [importe(suma, moneda) for moneda, suma in sumadas],
        "sin_suma": bool(n) and not sumadas,
    }


def id_de_fila(comision: Comision, corto: SafeString) -> SafeString:
    """The first cell of a row, with what the script needs: its amount as a whole number of
    ten-thousandths, so that no fraction is lost."""
    return format_html(
        '<span data-fila="{}" data-version="{}" data-monto="{}" data-moneda="{}"'
        ' data-decimales="{}">{}</span>',
        comision.pk,
        comision.version,
        _diezmilesimas(comision.monto),
        comision.moneda,
        _decimales(comision.moneda),
        corto,
    )


def _diezmilesimas(monto: Decimal) -> int:
    return int(monto.scaleb(4)) if monto.is_finite() else 0


def _decimales(moneda: str) -> int:
    try:
        return exponente(moneda)
    except ValueError:
        return 0
