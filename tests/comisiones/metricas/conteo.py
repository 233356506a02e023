"""What a report should say, counted row by row with nothing of what it is made from."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from alpespartner.comun.dinero import cuantizar, texto
from comisiones.models import Ajuste, Comision
from conversiones.models import Clic, Conversion

ESTADOS = ("pendiente", "retenida", "aprobada", "programada", "pagada", "rechazada")
DEVUELVEN = ("devolucion", "contracargo", "ajuste")
POR_CODIGO = ("cupon", "enlace")
Claves = dict[tuple[str, str], dict[str, Any]]


def _dia(cuando: Any, campana: Any) -> date:
    suyo: date = cuando.astimezone(ZoneInfo(campana.zona)).date()
    return suyo


def _nombre(agrupar: str, dia: date, campana: Any, afiliado: Any, canal: str) -> str:
    return {
        "dia": f"{dia:%Y-%m-%d}", "semana": "{}-W{:02}".format(*dia.isocalendar()[:2]),
        "mes": f"{dia:%Y-%m}", "campana": campana.id_publico, "afiliado": afiliado.id_publico,
        "canal": canal, "total": "total",
    }[agrupar]  # fmt: skip


def _vacio() -> dict[str, Any]:
    return {"clics": 0, "unicos": 0, "conversiones": 0, "valor": Decimal(0),
            "devuelto": Decimal(0), "horas": [], "aparte": Decimal(0), "quitado": Decimal(0),
            **dict.fromkeys(ESTADOS, Decimal(0))}  # fmt: skip


def _rango(horas: list[float], parte: float) -> int | None:
    """Nearest rank of the exact ones; told in whole hours, or days from the second on."""
    if not horas:
        return None
    suya = math.floor(sorted(horas)[math.ceil(parte * len(horas)) - 1])
    return suya if suya < 48 else suya - suya % 24


def _cociente(de: Decimal | int, entre: Decimal | int) -> str | None:
    if not entre:
        return None
    return str((Decimal(de) / entre).quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP))


def contado(
    desde: date,
    hasta: date,
    agrupar: str,
    *,
    campana: Any = None,
    afiliado: Any = None,
    canal: str | None = None,
) -> Claves:
    """The groups of a report, as the API says them, by key and currency."""
    crudas: dict[tuple[str, str], dict[str, Any]] = defaultdict(_vacio)

    def de(fila: Any, cuando: Any, suyo: str | None, venta: Any) -> dict[str, Any] | None:
        dia = _dia(cuando, fila.campana)
        cabe = (
            desde <= dia <= hasta
            and campana in (None, fila.campana)
            and afiliado in (None, fila.afiliado)
            and canal in (None, suyo)
        )
        if not cabe:
            return None
        moneda = getattr(fila, "moneda", fila.campana.moneda)
        if agrupar in POR_CODIGO:
            codigo = fila.enlace.codigo if venta is None else getattr(venta, agrupar)
            return crudas[codigo, moneda] if codigo else None
        return crudas[_nombre(agrupar, dia, fila.campana, fila.afiliado, suyo or ""), moneda]

    for venta in Conversion.objects.exclude(afiliado=None).exclude(estado="rechazada"):
        if (suya := de(venta, venta.ocurrida_en, venta.canal_origen, venta)) is not None:
            suya["conversiones"] += 1
            suya["valor"] += venta.valor
            suya["devuelto"] -= sum(m.monto for m in venta.movimientos.all() if m.tipo in DEVUELVEN)
    for comision in Comision.objects.all():
        venta = comision.conversion
        suya = de(comision, venta.ocurrida_en, venta.canal_origen, venta)
        if suya is None:
            continue
        suya[comision.estado if comision.estado in ESTADOS else "aparte"] += comision.monto
        suya["quitado"] += sum(
            a.monto for a in Ajuste.objects.filter(comision=comision, estado="contabilizado")
            if a.tipo in ("reverso", "clawback")
        )  # fmt: skip
        if comision.estado in ("aprobada", "programada", "pagada", "cerrada"):
            tardo = (comision.aprobada_en - comision.creada_en) / timedelta(hours=1)
            suya["horas"].append(max(0, tardo))
    con_clics = agrupar not in ("canal", "cupon") and canal is None
    if con_clics:
        for clic in Clic.objects.filter(descartado=""):
            if (suya := de(clic, clic.momento, None, None)) is not None:
                suya["clics"] += 1
                suya["unicos"] += clic.unico
    return {
        clave: _dicho(suya, clave, con_clics)
        for clave, suya in crudas.items()
        if any(suya.values())
    }


def _dicho(suya: dict[str, Any], clave: tuple[str, str], con_clics: bool) -> dict[str, Any]:
    nombre, moneda = clave
    neta = sum((suya[e] for e in ESTADOS if e != "rechazada"), suya["quitado"])
    n = suya["conversiones"]
    return {
        "clave": nombre,
        "moneda": moneda,
        "clics": suya["clics"] if con_clics else None,
        "unicos": suya["unicos"] if con_clics else None,
        "conversiones": n,
        "cr": _cociente(n, suya["unicos"]),
        "valor": texto(suya["valor"], moneda),
        "aov": str(cuantizar(suya["valor"] / n, moneda)) if n else None,
        "devuelto": texto(suya["devuelto"], moneda),
        "tasa_devolucion": _cociente(suya["devuelto"], suya["valor"]),
        "comision": {
            **{estado: texto(suya[estado], moneda) for estado in ESTADOS},
            "neta": texto(neta, moneda),
        },
        "epc": _cociente(neta, suya["clics"]),
        "epc_100": _cociente(100 * neta, suya["clics"]),
        "horas_aprobacion": {
            "mediana": _rango(suya["horas"], 0.5), "p95": _rango(suya["horas"], 0.95),
        },
    }  # fmt: skip
