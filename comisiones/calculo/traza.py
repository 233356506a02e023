"""The frozen record of a calculation."""

from __future__ import annotations

from typing import Any

from alpespartner.comun import dinero
from alpespartner.comun.api.campos import porcentaje_texto
from comisiones.motor import (
    Acumulado,
    Resultado,
    Tipo,
    congelar,
)
from comisiones.reglas.tarifa import Aplicable

_FORMULAS = {
    Tipo.PORCENTUAL: "base × tasa / 100",
    Tipo.FIJA: "monto fijo por venta",
    Tipo.MIXTA: "base × tasa / 100 + monto fijo",
    Tipo.ESCALONADA: "según los tramos",
}


def componer_traza(
    aplicable: Aplicable,
    acumulado: Acumulado | None,
    resultado: Resultado,
    nivel: int,
) -> dict[str, Any]:
    """The frozen record that replays a commission, with its figures on top for partners."""
    moneda = resultado.moneda
    congelada = congelar(aplicable.terminos, aplicable.hechos, acumulado, resultado, nivel=nivel)
    return {
        **congelada,
        "regla": aplicable.regla.nombre,
        "version": aplicable.version.numero if aplicable.version else None,
        "hereda": [[campo, regla, version] for campo, regla, version in aplicable.origenes],
        "formula": _FORMULAS.get(aplicable.terminos.tipo or Tipo.PORCENTUAL),
        "redondeo": "mitad hacia arriba, una vez",
        "base": dinero.texto(resultado.base, moneda),
        "tasa": None if resultado.tasa is None else porcentaje_texto(resultado.tasa),
        "exacto": f"{resultado.exacto.normalize(dinero.CONTEXTO):f}",
        "monto": dinero.texto(resultado.monto, moneda),
        "moneda": moneda,
    }
