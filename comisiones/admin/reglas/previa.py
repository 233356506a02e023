"""What a version would pay for sample amounts, and its curve, before it is published."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from alpespartner.comun import dinero
from alpespartner.comun.admin.formato import importe
from alpespartner.comun.admin.grafica import marco, trazo
from alpespartner.comun.formato import con_moneda, numero, porcentaje
from comisiones.motor import Acumulado, Hechos, Terminos, calcular
from comisiones.motor.renovaciones import limite

_PUNTOS = 120
_MUESTRAS = ("1", "10", "50", "100", "500", "1000", "5000", "10000")


def previa(terminos: Terminos, moneda: str) -> dict[str, Any]:
    """Sample amounts and curve of valid terms, in ``moneda``: each is a first sale of one item.

    Spending caps count as unspent. Raises the engine's errors.
    """
    terminos = replace(terminos, moneda=moneda)
    limites = [t.hasta for t in terminos.tramos or () if t.hasta is not None]
    maximo = max([*limites, Decimal(1000)]) * Decimal("1.5")
    maximo = min(dinero.cuantizar(maximo, moneda), dinero.MAXIMO)
    muestras = sorted({Decimal(m) for m in _MUESTRAS} | {limite for limite in limites if limite})
    return {
        "moneda": moneda,
        "muestras": [_muestra(terminos, dinero.cuantizar(v, moneda)) for v in muestras][:16],
        "curva": _curva(terminos, maximo, moneda),
        "renovaciones": _renovaciones(terminos),
    }


def _renovaciones(terminos: Terminos) -> list[tuple[str, str]]:
    """What a renewal of a customer whose first sale were today would earn: until when, or how
    often, and then nothing."""
    filas = []
    hoy = timezone.localdate()
    if terminos.duracion_meses is not None:
        hasta = limite(timezone.now(), terminos.duracion_meses)
        filas.append(
            (
                _("Con una primera venta de hoy, %(hoy)s, las siguientes ganan hasta")
                % {"hoy": date_format(hoy, "SHORT_DATE_FORMAT")},
                date_format(timezone.localtime(hasta), "SHORT_DATE_FORMAT")
                if terminos.duracion_meses
                else _("Nunca: solo gana la primera"),
            )
        )
    if terminos.max_pagos is not None:
        filas.append((_("Última venta de un cliente que gana"), str(terminos.max_pagos)))
    return filas


def _pagar(terminos: Terminos, valor: Decimal) -> Any:
    moneda = terminos.moneda or ""
    hechos = Hechos(valor, moneda, timezone.now(), nivel_afiliado="bronce")
    vacio = Acumulado(gastado=(dinero.CERO,) * len(terminos.topes_gasto or ()))
    return calcular(terminos, hechos, vacio)


def _muestra(terminos: Terminos, valor: Decimal) -> dict[str, Any]:
    resultado = _pagar(terminos, valor)
    efectiva = (resultado.monto * 100 / valor).quantize(Decimal("0.01")) if valor else None
    return {
        "valor": importe(valor, resultado.moneda),
        "monto": importe(resultado.monto, resultado.moneda),
        "efectiva": porcentaje(efectiva),
    }


def _curva(terminos: Terminos, maximo: Decimal, moneda: str) -> dict[str, Any]:
    pares = []
    for paso in range(_PUNTOS + 1):
        valor = dinero.cuantizar(maximo * paso / _PUNTOS, moneda)
        pares.append((valor, _pagar(terminos, valor).monto))
    techo = max(monto for _valor, monto in pares) or Decimal(1)
    return {
        **marco(techo, moneda),
        "puntos": trazo((valor / maximo, monto / techo) for valor, monto in pares),
        "maximo": con_moneda(maximo, moneda),
        "titulo": _("Comisión de una venta de 0 a %(maximo)s %(moneda)s")
        % {"maximo": numero(maximo, moneda), "moneda": moneda},
    }
