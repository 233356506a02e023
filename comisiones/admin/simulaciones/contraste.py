"""What a backtest found, for its page: sums, who wins and loses, and how both sides grow."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from alpespartner.comun.admin.formato import importe
from alpespartner.comun.admin.grafica import marco, trazo
from alpespartner.comun.dinero import CERO
from alpespartner.comun.formato import VACIO, entero, porcentaje
from comisiones.motor.errores import ILEGIBLE
from comisiones.simulaciones.models import LineaSimulacion, Simulacion

_EXTREMOS = 10
# With more currencies than these, the others are in the list by affiliate.
_MONEDAS = 4


def contraste(simulacion: Simulacion) -> list[dict[str, Any]]:
    """One block per currency, the one with most sales first, and at the end those that cannot be
    read: rows of nobody's service."""
    bloques = [
        _legible(simulacion, moneda, datos) for moneda, datos in simulacion.resultado.items()
    ]
    return sorted(bloques, key=lambda bloque: -bloque["cuantas"])[:_MONEDAS]


def _legible(simulacion: Simulacion, moneda: str, datos: Any) -> dict[str, Any]:
    try:
        return _de_moneda(simulacion, moneda, datos)
    except ILEGIBLE:
        return {"moneda": moneda, "cuantas": -1, "problema": _("No se pudo leer")}


def _de_moneda(simulacion: Simulacion, moneda: str, datos: dict[str, Any]) -> dict[str, Any]:
    hoy, candidata = Decimal(datos["hoy"]), Decimal(datos["candidata"])
    diferencia = candidata - hoy
    lineas = LineaSimulacion.objects.filter(
        simulacion=simulacion, moneda=moneda
    ).select_related("afiliado")  # fmt: skip
    suben = lineas.filter(diferencia__gt=0).order_by("-diferencia", "pk")[:_EXTREMOS]
    bajan = lineas.filter(diferencia__lt=0).order_by("diferencia", "pk")[:_EXTREMOS]
    cambio = (diferencia * 100 / hoy).quantize(Decimal("0.01")) if hoy else None
    return {
        "moneda": moneda,
        "cuantas": int(datos["ventas"]),
        "ventas": entero(datos["ventas"]),
        "hoy": importe(hoy, moneda),
        "candidata": importe(candidata, moneda),
        "diferencia": importe(diferencia, moneda),
        "signo": _signo(diferencia),
        "cambio": VACIO if cambio is None else porcentaje(cambio),
        "extremos": [
            (_("Quienes más ganarían"), [_linea(linea) for linea in suben]),
            (_("Quienes más perderían"), [_linea(linea) for linea in bajan]),
        ],
        "curva": _curva(datos["serie"], moneda),
    }


def _linea(linea: LineaSimulacion) -> dict[str, Any]:
    return {
        "afiliado": linea.afiliado,
        "hoy": importe(linea.hoy, linea.moneda),
        "candidata": importe(linea.candidata, linea.moneda),
        "diferencia": importe(linea.diferencia, linea.moneda),
        "signo": _signo(linea.diferencia),
    }


def _signo(monto: Decimal) -> str:
    if monto == CERO:
        return "igual"
    return "sube" if monto > CERO else "baja"


def _curva(serie: dict[str, list[str]], moneda: str) -> dict[str, Any]:
    """Running sums of both sides, from zero, as points of an SVG."""
    sumas = [(CERO, CERO)]
    for _dia, (hoy, candidata) in sorted(serie.items()):
        sumas.append((sumas[-1][0] + Decimal(hoy), sumas[-1][1] + Decimal(candidata)))
    techo = max(max(par) for par in sumas) or Decimal(1)
    pasos = Decimal(len(sumas) - 1)
    dias = sorted(serie)
    return {
        **marco(techo, moneda),
        "lineas": [
            trazo((i / pasos, par[lado] / techo) for i, par in enumerate(sumas)) for lado in (0, 1)
        ],
        "desde": dias[0],
        "hasta": dias[-1],
    }
