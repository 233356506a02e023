"""The programme's figures on a page: some days against as many just before, by state, campaign and
affiliate. All of it comes from the roll-ups, by index, whatever there is to add up."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from comisiones.admin.metricas.bloques import de_afiliados, de_campanas, embudo
from comisiones.admin.metricas.graficas import graficas
from comisiones.admin.metricas.pedido import (
    ATAJOS,
    Pedido,
    atajo,
    elegibles,
    grupos_de,
    leer,
)
from comisiones.admin.metricas.tarjetas import tarjetas
from comisiones.metricas.errores import Remidiendo
from comisiones.metricas.selectors import Agrupar, anterior, juntar, zona_de
from conversiones.campanas.models import Campana


def ver_cifras(pagina: Any, request: HttpRequest) -> HttpResponse:
    """The page, for whoever sees commissions."""
    contexto = {
        **pagina.admin_site.each_context(request),
        "title": _("Cifras"),
        "media": pagina.media,
    }
    try:
        contexto |= _contexto(request, leer(request)) | {"enteras": True}
    except Remidiendo:
        contexto["enteras"] = False
    return TemplateResponse(request, "admin/alpes/cifras.html", contexto)


def _contexto(request: HttpRequest, pedido: Pedido) -> dict[str, Any]:
    ahora, antes = grupos_de(pedido, Agrupar.DIA), grupos_de(pedido, Agrupar.DIA, antes=True)
    monedas = sorted(
        {grupo.moneda for grupo in (*ahora, *antes)},
        key=lambda m: (-sum(g.conversiones for g in ahora if g.moneda == m), m),
    )
    moneda = pedido.peticion.moneda or next(iter(monedas), "")
    suyos = [[g for g in grupos_ if g.moneda == moneda] for grupos_ in (ahora, antes)]
    contexto: dict[str, Any] = {
        "pedido": pedido,
        "zona": zona_de(pedido.campana, Campana.objects.all()),
        "sin_afiliado": pedido.url(afiliado=""),
        "anterior": anterior(pedido.peticion),
        "moneda": moneda,
        "monedas": [(m, pedido.url(moneda=m)) for m in monedas],
        "atajos": [atajo(pedido, dias) for dias in ATAJOS],
    }
    campanas = grupos_de(pedido, Agrupar.CAMPANA, de_todas=True, moneda=moneda, enteros=False)
    contexto["campanas"] = elegibles(pedido, campanas)
    if not moneda or not any(suyos):
        return contexto
    cada = [
        grupos_de(pedido, Agrupar.AFILIADO, antes=a, moneda=moneda, enteros=False)
        for a in (False, True)
    ]
    antes_campanas = grupos_de(pedido, Agrupar.CAMPANA, antes=True, moneda=moneda, enteros=False)
    totales = [juntar(unos, "", moneda) for unos in suyos]
    return contexto | {
        "cifras": list(tarjetas(request, pedido, *totales)),
        "graficas": list(graficas(pedido, moneda, *suyos)),
        "embudo": embudo(pedido, totales[0]),
        "por_campana": de_campanas(pedido, moneda, campanas, antes_campanas),
        "afiliados": list(de_afiliados(request, moneda, *cada)),
    }
