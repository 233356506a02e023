"""Reports as they are handed out: plain text of numbers, and the ids by which groups are known."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.documentos.celdas import celda
from comisiones.metricas.selectors import (
    POR_CODIGO,
    Agrupar,
    Grupo,
    Peticion,
    cociente,
    grupos,
)
from conversiones.campanas.models import Campana

ESTADOS = ("pendiente", "retenida", "aprobada", "programada", "pagada", "rechazada")
_POR_CONSULTA = 1_000


@dataclass(frozen=True, slots=True)
class Informe:
    """A report of some days, in whose zone, and what it says of each group."""

    zona: str
    desde: date
    hasta: date
    grupos: Sequence[dict[str, Any]]


def informe(peticion: Peticion, zona: str) -> Informe:
    """A report. Raises as :func:`grupos`."""
    hallados = grupos(peticion)
    claves = _claves(peticion.agrupar, [grupo.clave for grupo in hallados])
    suyos = [_de_grupo(grupo, claves[grupo.clave]) for grupo in hallados]
    if peticion.agrupar in (Agrupar.CAMPANA, Agrupar.AFILIADO):
        suyos.sort(key=lambda suyo: (suyo["clave"], suyo["moneda"]))
    return Informe(zona, peticion.desde, peticion.hasta, suyos)


def _claves(agrupar: str, claves: Sequence[Any]) -> dict[Any, str]:
    """How each group is called outside: a date, a week or a month of ISO 8601, a public id, a
    channel or ``total``."""
    if agrupar == Agrupar.SEMANA:
        return {clave: f"{clave:%G-W%V}" for clave in claves}
    if agrupar == Agrupar.MES:
        return {clave: clave.isoformat()[:7] for clave in claves}
    if agrupar == Agrupar.DIA:
        return {clave: clave.isoformat() for clave in claves}
    if agrupar == Agrupar.TOTAL:
        return dict.fromkeys(claves, Agrupar.TOTAL.value)
    if agrupar == Agrupar.CANAL or agrupar in POR_CODIGO:
        return {clave: clave for clave in claves}
    modelo: Any = Campana if agrupar == Agrupar.CAMPANA else Afiliado
    nombres: dict[Any, str] = {}
    for inicio in range(0, len(claves), _POR_CONSULTA):
        filas = modelo.objects.filter(pk__in=claves[inicio : inicio + _POR_CONSULTA])
        nombres.update(filas.values_list("pk", "id_publico"))
    return nombres


def _numero(valor: Decimal | None) -> str | None:
    return None if valor is None else f"{valor:f}"


def _de_grupo(grupo: Grupo, clave: str) -> dict[str, Any]:
    """Amounts have the decimals of their currency already: a report has thousands of them."""
    moneda, neta = grupo.moneda, grupo.neta
    return {
        "clave": clave,
        "moneda": moneda,
        "clics": grupo.clics,
        "unicos": grupo.unicos,
        "conversiones": grupo.conversiones,
        "cr": _numero(grupo.cr),
        "valor": f"{grupo.importe('valor'):f}",
        "aov": _numero(grupo.aov),
        "devuelto": f"{grupo.importe('devuelto'):f}",
        "tasa_devolucion": _numero(grupo.tasa_devolucion),
        "comision": {
            **{estado: f"{grupo.importe(estado):f}" for estado in ESTADOS},
            "neta": f"{neta:f}",
        },
        "epc": _numero(cociente(neta, grupo.clics)),
        "epc_100": _numero(cociente(neta * 100, grupo.clics)),
        "horas_aprobacion": {"mediana": grupo.mediana, "p95": grupo.p95},
    }


def a_csv(suyo: Informe) -> str:
    """The same with a line for each group: RFC 4180, text that is never a formula, nothing where
    there is null. Each line says the days and the zone of the report."""
    salida = io.StringIO()
    hoja = csv.writer(salida, lineterminator="\r\n")
    hoja.writerow(COLUMNAS)
    for grupo in suyo.grupos:
        suyas = plano(grupo)
        hoja.writerow(
            [suyo.zona, suyo.desde, suyo.hasta, celda(grupo["clave"])]
            + [suyas[columna] for columna in COLUMNAS[4:]]
        )
    return salida.getvalue()


def plano(grupo: dict[str, Any]) -> dict[str, Any]:
    """A group with each of its figures under the name of its column."""
    return {**grupo, **_planas("comision", grupo), **_planas("horas_aprobacion", grupo)}


def _planas(nombre: str, grupo: dict[str, Any]) -> dict[str, Any]:
    return {f"{nombre}_{parte}": valor for parte, valor in grupo[nombre].items()}


COLUMNAS = (
    "zona", "desde", "hasta", "clave", "moneda", "clics", "unicos", "conversiones", "cr", "valor",
    "aov", "devuelto", "tasa_devolucion",
    *(f"comision_{estado}" for estado in (*ESTADOS, "neta")),
    "epc", "epc_100", "horas_aprobacion_mediana", "horas_aprobacion_p95",
)  # fmt: skip
# What a group says besides of what it is.
FIGURAS = COLUMNAS[5:]
