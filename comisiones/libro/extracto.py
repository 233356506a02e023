"""Statement of an affiliate for a month: what was owed, each line, what is owed."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.dinero import CERO, texto, visible
from alpespartner.comun.documentos.celdas import celda
from alpespartner.comun.errores import DatoInvalido
from comisiones.libro.models import Apunte, Cuenta, SelloDiario, TipoAsiento

# A month of a year with one before it and one after it, for the API's document too.
MES = "^(?!000[01]|9999)[0-9]{4}-(0[1-9]|1[0-2])$"


class LineaExtracto(NamedTuple):
    """A line: ``importe`` positive in the affiliate's favour, ``saldo`` after it.

    Both have the decimals of the currency, so ``str()`` of them is their text.
    """

    fecha: datetime
    tipo: str
    concepto: str
    origen: str
    asiento: str
    importe: Decimal
    saldo: Decimal


@dataclass(frozen=True, slots=True)
class Extracto:
    """One currency of one month (UTC): ``apertura`` + lines = ``cierre``.

    ``sello`` is that of its last sealed day: the chain proves everything up to it unaltered.
    """

    afiliado_id: str
    mes: str
    moneda: str
    apertura: Decimal
    cierre: Decimal
    lineas: tuple[LineaExtracto, ...]
    sello: SelloDiario | None = None


def limites_mes(mes: str) -> tuple[datetime, datetime]:
    """UTC bounds ``[start, end)`` of a month written "2026-03". Raises :class:`DatoInvalido`."""
    if not re.fullmatch(MES, mes):
        raise DatoInvalido(_("Se esperaba un mes, como 2026-03."), campo="mes")
    inicio = datetime(int(mes[:4]), int(mes[5:]), 1, tzinfo=UTC)
    fin = inicio.replace(year=inicio.year + inicio.month // 12, month=inicio.month % 12 + 1)
    return inicio, fin


def extractos(afiliado: Afiliado, mes: str) -> list[Extracto]:
    """A statement per currency with lines or balance in the month. Raises :class:`DatoInvalido`."""
    inicio, fin = limites_mes(mes)
    propios = Apunte.objects.filter(afiliado=afiliado, cuenta=Cuenta.POR_PAGAR)
    aperturas = {
        f["moneda"]: visible(-f["suma"], f["moneda"])
        for f in propios.filter(asiento__creado_en__lt=inicio)
        .values("moneda")
        .annotate(suma=Sum("importe"))
        .order_by()
    }
    del_mes = propios.filter(Q(asiento__creado_en__gte=inicio) & Q(asiento__creado_en__lt=fin))
    filas = del_mes.order_by("asiento__creado_en", "id").values_list(
        "moneda",
        "importe",
        "asiento__creado_en",
        "asiento__tipo",
        "asiento__origen",
        "asiento__id_publico",
    )
    sello = SelloDiario.objects.filter(dia__lt=fin.date()).order_by("-dia").first()
    etiquetas = {tipo.value: str(tipo.label) for tipo in TipoAsiento}
    lineas: dict[str, list[LineaExtracto]] = {}
    saldos = dict(aperturas)
    for moneda, apunte, fecha, tipo, origen, asiento in filas:
        importe = visible(-apunte, moneda)
        saldo = saldos[moneda] = saldos.get(moneda, CERO) + importe
        lineas.setdefault(moneda, []).append(
            LineaExtracto(fecha, tipo, etiquetas.get(tipo, tipo), origen, asiento, importe, saldo)
        )
    return [
        Extracto(
            afiliado_id=afiliado.id_publico,
            mes=mes,
            moneda=moneda,
            apertura=aperturas.get(moneda, CERO),
            cierre=saldos[moneda],
            lineas=tuple(lineas.get(moneda, ())),
            sello=sello,
        )
        for moneda in sorted(saldos)
        if moneda in lineas or saldos[moneda]
    ]


def a_csv(hojas: list[Extracto]) -> str:
    """Statements as CSV: opening, lines and closing of each currency. Text cells are never
    formulas; amounts are plain decimals."""
    salida = io.StringIO()
    hoja = csv.writer(salida)
    hoja.writerow(["fecha", "concepto", "origen", "asiento", "importe", "saldo", "moneda"])
    for uno in hojas:
        apertura, cierre = texto(uno.apertura, uno.moneda), texto(uno.cierre, uno.moneda)
        hoja.writerow([uno.mes, _("Saldo inicial"), "", "", "", apertura, uno.moneda])
        for linea in uno.lineas:
            hoja.writerow(
                [
                    linea.fecha.isoformat(),
                    celda(linea.concepto),
                    celda(linea.origen),
                    celda(linea.asiento),
                    str(linea.importe),
                    str(linea.saldo),
                    uno.moneda,
                ]
            )
        hoja.writerow([uno.mes, _("Saldo final"), "", "", "", cierre, uno.moneda])
    return salida.getvalue()
