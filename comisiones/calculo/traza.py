"""The frozen record of a calculation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from alpespartner.comun import dinero
from alpespartner.comun.api.campos import porcentaje_texto
from comisiones.motor import Acumulado, Resultado, Tipo, congelar
from comisiones.reglas.tarifa import Aplicable

_FORMULAS: dict[Tipo | None, str] = {
    Tipo.PORCENTUAL: "base × tasa / 100",
    Tipo.FIJA: "monto fijo por venta",
    Tipo.MIXTA: "base × tasa / 100 + monto fijo",
    Tipo.ESCALONADA: "según los tramos",
}


@dataclass(frozen=True, slots=True)
class Calculado:
    """What one rule pays of a sale: of all of it, or of the lines that follow the rule."""

    aplicable: Aplicable
    acumulado: Acumulado | None
    resultado: Resultado


@dataclass(frozen=True, slots=True)
class Total:
    """What all the rules of a sale pay together; ``tasa`` is then the average, in percent."""

    base: Decimal
    tasa: Decimal | None
    exacto: Decimal
    monto: Decimal


def sumar(calculos: Sequence[Calculado]) -> Total:
    """The amounts of the rows: each rule rounds its own, so they add up to the minor unit."""
    resultados = [calculo.resultado for calculo in calculos]
    base = sum((r.base for r in resultados), dinero.CERO)
    monto = sum((r.monto for r in resultados), dinero.CERO)
    tasa = resultados[0].tasa
    if len(resultados) > 1:
        tasa = None
        if base and any(r.tasa is not None for r in resultados):
            media = dinero.CONTEXTO.divide(monto * 100, base)
            tasa = media.quantize(Decimal("0.0001"), context=dinero.CONTEXTO)
    exacto = sum((r.exacto for r in resultados), dinero.CERO)
    return Total(base, tasa, exacto, monto)


def componer_traza(calculos: Sequence[Calculado], total: Total, nivel: int) -> dict[str, Any]:
    """The frozen record that replays a commission, with its figures on top for partners.

    When its lines follow several rules it is the record of the first one, whose figures on top are
    those of the whole; ``otras`` are the records of the others.
    """
    primero, *otros = calculos
    moneda = primero.resultado.moneda
    traza = {
        **_registro(primero, nivel),
        "formula": "por líneas" if otros else _FORMULAS[primero.aplicable.terminos.tipo],
        "redondeo": "mitad hacia arriba, una vez",
        "base": dinero.texto(total.base, moneda),
        "tasa": None if total.tasa is None else porcentaje_texto(total.tasa),
        "exacto": f"{total.exacto.normalize(dinero.CONTEXTO):f}",
        "monto": dinero.texto(total.monto, moneda),
        "moneda": moneda,
    }
    if otros:
        traza["otras"] = [_registro(otro, nivel) for otro in otros]
    return traza


def _registro(calculo: Calculado, nivel: int) -> dict[str, Any]:
    aplicable = calculo.aplicable
    registro = {
        **congelar(aplicable.terminos, aplicable.hechos, calculo.acumulado, calculo.resultado),
        "nivel": nivel,
        "regla": aplicable.regla.nombre,
        "version": aplicable.version.numero if aplicable.version else None,
        "hereda": [[campo, regla, version] for campo, regla, version in aplicable.origenes],
    }
    if aplicable.productos:
        moneda = calculo.resultado.moneda
        registro["productos"] = [
            [nombre, dinero.texto(coste, moneda)] for nombre, coste in aplicable.productos
        ]
    return registro
