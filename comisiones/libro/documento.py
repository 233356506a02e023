"""The statement as a document: the same figures as its JSON and its CSV, in parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.dinero import CERO
from alpespartner.comun.documentos.pdf import LINEAS_POR_PARTE, a_pdf
from alpespartner.comun.errores import DatoInvalido
from alpespartner.comun.formato import numero
from comisiones.libro.extracto import Extracto, limites_mes


def partes_de(hojas: Sequence[Extracto]) -> int:
    """How many documents it takes: at least one."""
    lineas = sum(len(hoja.lineas) for hoja in hojas)
    return max(1, -(-lineas // LINEAS_POR_PARTE))


def nombre_de(afiliado: Afiliado, mes: str, extension: str, parte: int = 1, de: int = 1) -> str:
    """Name of the file."""
    sufijo = f"-{parte}-de-{de}" if de > 1 else ""
    return f"extracto-{afiliado.id_publico}-{mes}{sufijo}.{extension}"


def pdf_de(afiliado: Afiliado, mes: str, hojas: Sequence[Extracto], parte: int = 1) -> bytes:
    """One part of a statement: the summary of each currency, and its lines.

    Raises :class:`DatoInvalido` for a part that there is not.
    """
    total = partes_de(hojas)
    if not 1 <= parte <= total:
        raise DatoInvalido(_("El extracto tiene %(n)s partes.") % {"n": total}, campo="parte")
    inicio = (parte - 1) * LINEAS_POR_PARTE
    bloques = []
    for hoja in hojas:
        desde, hasta = max(inicio, 0), max(inicio + LINEAS_POR_PARTE, 0)
        bloques.append(_bloque(hoja, desde, hasta))
        inicio -= len(hoja.lineas)
    primero: datetime = limites_mes(mes)[0]
    contexto = {
        "afiliado": afiliado,
        "mes": mes,
        "mes_largo": date_format(primero, "YEAR_MONTH_FORMAT"),
        "parte": parte,
        "total": total,
        "bloques": bloques,
    }
    return a_pdf("pdf/extracto.html", contexto)


def _bloque(hoja: Extracto, desde: int, hasta: int) -> dict[str, Any]:
    moneda = hoja.moneda
    lineas = hoja.lineas[desde:hasta]
    anterior = hoja.lineas[desde - 1].saldo if lineas and desde else hoja.apertura
    return {
        "moneda": moneda,
        "apertura": numero(hoja.apertura, moneda),
        "cierre": numero(hoja.cierre, moneda),
        "conceptos": resumen(hoja),
        "sigue": desde > 0,
        "anterior": numero(anterior, moneda),
        "lineas": [
            {
                "fecha": linea.fecha,
                "concepto": linea.concepto,
                "origen": linea.origen,
                "importe": numero(linea.importe, moneda),
                "saldo": numero(linea.saldo, moneda),
            }
            for linea in lineas
        ],
    }


def resumen(hoja: Extracto) -> list[tuple[str, int, str]]:
    """Each concept of a statement with how many lines it has and what they add up to."""
    cuantas: dict[str, int] = defaultdict(int)
    sumas: dict[str, Decimal] = defaultdict(lambda: CERO)
    for linea in hoja.lineas:
        cuantas[linea.concepto] += 1
        sumas[linea.concepto] += linea.importe
    return [(c, cuantas[c], numero(sumas[c], hoja.moneda)) for c in sorted(cuantas)]
