"""The statement of a period: its rows and totals as they are now, and what changed in those that
were sent before.

It is text of JSON, always written the same way, and its digest is of that text. A figure is a text,
or null where there is none; a row that there was not, or is not any more, has null in all of them.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any

from alpespartner.comun.documentos.celdas import celda
from comisiones.metricas.informe import FIGURAS, Informe, informe, plano
from comisiones.metricas.selectors import Agrupar, Peticion, zona_de
from comisiones.reportes.models import EnvioReporte, Reporte
from conversiones.campanas.models import Campana

# Statements of before that are looked at again: two months of daily ones, five years of monthly.
ANTERIORES = 62
# Differences that one statement tells; the rest of them are told by the next one.
MAX_DIFERENCIAS = 5_000
_QUE = ("agrupar", "campana", "afiliado", "canal", "moneda")
DE_DIFERENCIAS = ("desde", "hasta", "clave", "moneda", "columna", "antes", "ahora")
_NUMERO = re.compile(r"-?[0-9]+(\.[0-9]+)?")
# Group and currency, with a figure of each column.
Lineas = dict[tuple[str, str], dict[str, str | None]]


def de_reporte(reporte: Reporte) -> dict[str, Any]:
    """What a report asks for, as its statements keep it."""
    return {
        "agrupar": reporte.agrupar,
        "campana": reporte.campana_id,
        "afiliado": reporte.afiliado_id,
        "canal": reporte.canal,
        "moneda": reporte.moneda,
        "columnas": columnas_de(reporte.columnas),
    }


def columnas_de(dichas: Any) -> list[str]:
    """The figures that are asked for, in their order; all of them without any that there is."""
    elegidas = dichas if isinstance(dichas, list) else []
    return [columna for columna in FIGURAS if columna in elegidas] or list(FIGURAS)


def leer(que: dict[str, Any], desde: date, hasta: date) -> dict[str, Any]:
    """Rows and totals of some days, as they are now. Raises as :func:`informe`."""
    pedido: dict[str, Any] = {nombre: que[nombre] or None for nombre in _QUE}
    suyo = _informe(Peticion(desde=desde, hasta=hasta, **pedido))
    total = suyo
    if pedido["agrupar"] != Agrupar.TOTAL:
        pedido["agrupar"] = Agrupar.TOTAL
        total = _informe(Peticion(desde=desde, hasta=hasta, **pedido))
    return {
        "zona": suyo.zona,
        "lineas": [_linea(grupo, que["columnas"]) for grupo in suyo.grupos],
        "totales": [_linea(grupo, que["columnas"]) for grupo in total.grupos],
    }


def _informe(peticion: Peticion) -> Informe:
    campana = Campana.objects.filter(pk=peticion.campana).first() if peticion.campana else None
    return informe(peticion, zona_de(campana, Campana.objects.all()))


def _linea(grupo: dict[str, Any], columnas: Sequence[str]) -> list[str | None]:
    suyas = plano(grupo)
    figuras = [suyas[columna] for columna in columnas]
    return [grupo["clave"], grupo["moneda"], *(None if f is None else str(f) for f in figuras)]


def hacer(reporte: Reporte, desde: date, hasta: date) -> dict[str, Any]:
    """The statement of a period, as it would be sent now."""
    que = de_reporte(reporte)
    return {
        "reporte": reporte.id_publico,
        "nombre": reporte.nombre,
        "desde": desde.isoformat(),
        "hasta": hasta.isoformat(),
        "pedido": que,
        **leer(que, desde, hasta),
        "diferencias": list(islice(diferencias(reporte), MAX_DIFERENCIAS)),
    }


def escribir(documento: dict[str, Any]) -> tuple[str, str]:
    """The text of a statement and its digest."""
    texto = json.dumps(documento, ensure_ascii=False, separators=(",", ":"))
    return texto, huella_de(texto)


def huella_de(texto: str) -> str:
    """SHA-256 of the text of a statement."""
    return hashlib.sha256(texto.encode()).hexdigest()


def leido(envio: EnvioReporte) -> dict[str, Any]:
    """What a statement says. Raises ValueError for one that no service wrote."""
    documento = json.loads(envio.documento)
    if not isinstance(documento, dict):
        raise ValueError(envio.id_publico)
    return documento


def diferencias(reporte: Reporte) -> Iterator[dict[str, Any]]:
    """What the figures of periods that were sent are now, where it is not what was last told."""
    # From new to old, as changes do; each is told from old to new.
    envios = list(reporte.envios.order_by("-id")[:ANTERIORES])[::-1]
    dichos = {envio.id_publico: _lineas_de(leido(envio)) for envio in envios}
    for envio in envios:
        for una in leido(envio)["diferencias"]:
            if una["envio"] in dichos:
                _aplicar(dichos[una["envio"]], una)
    for envio in envios:
        que = leido(envio)["pedido"]
        ahora = _lineas_de({"pedido": que, **leer(que, envio.desde, envio.hasta)})
        yield from _distintas(envio, dichos[envio.id_publico], ahora, que["columnas"])


def _lineas_de(documento: dict[str, Any]) -> Lineas:
    columnas = documento["pedido"]["columnas"]
    return {
        (clave, moneda): dict(zip(columnas, figuras, strict=True))
        for clave, moneda, *figuras in (*documento["lineas"], *documento["totales"])
    }


def _aplicar(lineas: Lineas, una: dict[str, Any]) -> None:
    suya = lineas.setdefault((una["clave"], una["moneda"]), {})
    suya[una["columna"]] = una["ahora"]


def _distintas(
    envio: EnvioReporte, dicho: Lineas, ahora: Lineas, columnas: Sequence[str]
) -> Iterator[dict[str, Any]]:
    for clave, moneda in sorted(dicho.keys() | ahora.keys()):
        antes, despues = dicho.get((clave, moneda), {}), ahora.get((clave, moneda), {})
        for columna in columnas:
            if antes.get(columna) != despues.get(columna):
                yield {
                    "envio": envio.id_publico,
                    "desde": envio.desde.isoformat(),
                    "hasta": envio.hasta.isoformat(),
                    "clave": clave,
                    "moneda": moneda,
                    "columna": columna,
                    "antes": antes.get(columna),
                    "ahora": despues.get(columna),
                }


def a_csv(documento: dict[str, Any]) -> str:
    """Rows and totals: RFC 4180, text that is never a formula, nothing where there is null."""
    cabecera = ("zona", "desde", "hasta", "clave", "moneda", *documento["pedido"]["columnas"])
    comun = (documento["zona"], documento["desde"], documento["hasta"])
    lineas = list(documento["lineas"])
    if documento["pedido"]["agrupar"] != Agrupar.TOTAL:
        lineas += documento["totales"]
    return _hoja(cabecera, ((*comun, *linea) for linea in lineas))


def diferencias_a_csv(documento: dict[str, Any]) -> str:
    """What changed of what was sent before."""
    return _hoja(
        DE_DIFERENCIAS,
        ([una[nombre] for nombre in DE_DIFERENCIAS] for una in documento["diferencias"]),
    )


def _hoja(cabecera: Sequence[str], lineas: Iterable[Sequence[str | None]]) -> str:
    salida = io.StringIO()
    hoja = csv.writer(salida, lineterminator="\r\n")
    hoja.writerow(cabecera)
    # What is taken back may be below nothing: a number is no formula.
    hoja.writerows(
        ["" if v is None else v if _NUMERO.fullmatch(v) else celda(v) for v in linea]
        for linea in lineas
    )
    return salida.getvalue()


def fichero_de(documento: dict[str, Any], que: str = "reporte") -> str:
    """Name of its file: plain, whatever the report is called."""
    return f"{que}-{documento['desde']}-{documento['hasta']}.csv"
