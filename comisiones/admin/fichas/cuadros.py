"""Figures and months of an affiliate or a campaign, in each currency."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alpespartner.comun.admin.fichas import Cifra, Cuadro, Ficha, lista_de
from alpespartner.comun.admin.formato import aviso_de_atraso, importe
from alpespartner.comun.admin.grafica import Serie, barras
from alpespartner.comun.dinero import CERO
from alpespartner.comun.formato import entero
from comisiones.comision.estados import EstadoComision
from comisiones.comision.models import Comision
from comisiones.contadores.meses import (
    EnMoneda,
    Movido,
    en_revision_y_pago,
    estan_enteros,
    por_meses,
    ultimos_meses,
)
from comisiones.contadores.tablas import CAMPANA
from comisiones.metricas.errores import Remidiendo
from comisiones.metricas.selectors import DIAS, Agrupar, Peticion, grupos, ultimos_dias
from conversiones.campanas.models import Campana

MESES = 12
_E = EstadoComision
Estados = Mapping[str, tuple[int, Decimal]]
_NADA = (0, CERO)


def poner_cuadros(
    ficha: Ficha,
    request: HttpRequest,
    corte: str,
    quien: int,
    cifras: Callable[[EnMoneda, int], list[Cifra]],
    url_de_mes: Callable[[int], str] = lambda _mes: "",
) -> None:
    """Add to a page what the counters say of an affiliate or a campaign, or why they say nothing.

    ``cifras`` are those that only one of both has, of a currency and this year, from the ledger.
    """
    ve_comisiones = request.user.has_perm("comisiones.view_comision")
    ve_libro = request.user.has_perm("comisiones.view_apunte")
    if not ve_comisiones and not ve_libro:
        return
    if not estan_enteros():
        ficha.avisos.append(
            _("Las cifras se están contando de nuevo: vuelve a mirar dentro de un rato.")
        )
        return
    if aviso := aviso_de_atraso():
        ficha.avisos.append(aviso)
    ahora = timezone.now()
    meses = ultimos_meses(MESES, ahora)
    movidos = {m.moneda: m for m in por_meses(corte, quien, meses)} if ve_libro else {}
    estados = en_revision_y_pago(corte, quien) if ve_comisiones else {}
    campana = Campana.objects.get(pk=quien) if corte == CAMPANA else None
    vendido = _vendido(corte, quien, campana) if ve_comisiones else None
    dias = _("Sus cifras, día a día. Los días son de la zona de cada campaña.")
    if campana is not None:
        dias = _("Sus cifras, día a día. Días de %(zona)s.") % {"zona": campana.zona}
    for moneda in sorted({*movidos, *estados}):
        suyo = movidos.get(moneda) or EnMoneda(moneda, meses={mes: Movido() for mes in meses})
        todas = cifras(suyo, ahora.astimezone(UTC).year) if ve_libro else []
        if ve_comisiones:
            todas += _de_estados(moneda, estados.get(moneda, {}), f"{corte}__id__exact={quien}")
        if vendido is not None:
            todas.append(_de_estos_dias(corte, quien, moneda, vendido.get(moneda, CERO), dias))
        ficha.cuadros.append(Cuadro(moneda, todas, grafica(suyo, url_de_mes) if ve_libro else None))


def _de_estados(moneda: str, estados: Estados, filtro: str) -> list[Cifra]:
    """What waits for a person or for its payment: each figure is its list's."""
    return [
        Cifra(
            titulo,
            importe(estados.get(estado, _NADA)[1], moneda),
            lista_de(Comision, f"estado={estado}&{filtro}"),
            _cuantas(estados.get(estado, _NADA)[0]),
        )
        for estado, titulo in (
            (_E.PENDIENTE, _("Por revisar")),
            (_E.RETENIDA, _("Retenido")),
            (_E.APROBADA, _("Aprobado, sin programar")),
            (_E.PROGRAMADA, _("Programado en pagos")),
        )
    ]


def _vendido(corte: str, quien: int, campana: Campana | None) -> dict[str, Decimal] | None:
    """What was sold lately, by currency; None while the figures are made anew."""
    desde, hasta = ultimos_dias(campana)
    cuales: dict[str, Any] = {corte: quien}
    try:
        suyos = grupos(
            Peticion(desde=desde, hasta=hasta, agrupar=Agrupar.TOTAL, **cuales), enteros=False
        )
    except Remidiendo:
        return None
    return {grupo.moneda: grupo.importe("valor") for grupo in suyos}


def _de_estos_dias(corte: str, quien: int, moneda: str, vendido: Decimal, dias: str) -> Cifra:
    """What was sold lately, which leads to all its figures; ``dias`` says of which zone."""
    return Cifra(
        _("Vendido en %(n)s días") % {"n": DIAS},
        importe(vendido, moneda),
        f"{reverse('admin:comisiones_comision_cifras')}?{corte}={quien}&moneda={moneda}",
        dias,
    )


def _cuantas(n: int) -> str:
    return ngettext("%(n)s comisión", "%(n)s comisiones", n) % {"n": entero(n)}


def fecha_de_mes(mes: int) -> datetime:
    """The first instant of a month of the counters."""
    return datetime(mes // 100, mes % 100, 1, tzinfo=UTC)


def nombre_de_mes(mes: int) -> str:
    """A month in words."""
    return date_format(fecha_de_mes(mes), "YEAR_MONTH_FORMAT")


def grafica(suyo: EnMoneda, url_de_mes: Callable[[int], str]) -> dict[str, Any]:
    """The months of a currency as a chart and as a table."""
    columnas = (
        (_("Aprobado"), "ganado"), (_("Pagado"), "pagado"), (_("Revertido"), "revertido"),
        (_("Ajustes"), "ajustado"),
    )  # fmt: skip
    series = [
        Serie(nombre, titulo, [getattr(movido, nombre) for movido in suyo.meses.values()])
        for titulo, nombre in columnas[:3]
    ]
    grupos = [(date_format(fecha_de_mes(mes), "M"), nombre_de_mes(mes)) for mes in suyo.meses]
    return {
        "titulo": _("Aprobado, pagado y revertido en cada mes, en %(moneda)s")
        % {"moneda": suyo.moneda},
        "dibujo": barras(series, grupos, suyo.moneda),
        "vacia": _("Sin movimientos en los últimos doce meses."),
        "nota": _("Meses en UTC."),
        "tabla": _("Los doce meses en una tabla"),
        "de": _("Mes (UTC)"),
        "columnas": [titulo for titulo, _nombre in columnas],
        "filas": [
            {
                "nombre": nombre_de_mes(mes),
                "url": url_de_mes(mes),
                "valores": [
                    importe(getattr(movido, nombre), suyo.moneda) for _titulo, nombre in columnas
                ],
            }
            for mes, movido in reversed(suyo.meses.items())
        ],
    }
