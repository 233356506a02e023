"""What the form of a version shows at first: the terms of another one, as people type them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from comisiones.motor.errores import ILEGIBLE
from comisiones.reglas.models import TipoComision, VersionRegla
from comisiones.simulaciones.models import Simulacion

_TAL_CUAL = (
    "por", "modo", "metrica", "periodo", "zona_horaria", "base", "duracion_meses", "max_pagos",
)  # fmt: skip


def iniciales_de(version: VersionRegla) -> dict[str, Any]:
    """Values of the form's fields, but for the dates; of a row of nobody's service, what of it can
    be read."""
    datos: dict[str, Any] = {
        "tipo": version.tipo,
        "porcentaje": _numero(version.porcentaje),
        "monto_fijo": _numero(version.monto_fijo),
        "moneda": version.moneda,
        "afiliado": version.afiliado.id_publico if version.afiliado else "",
        "tipo_afiliado": version.tipo_afiliado,
        "producto": version.producto,
        "cupon": version.cupon,
        "enlace": version.enlace,
        "nivel": version.nivel,
        "prioridad": version.prioridad,
    }
    try:
        return datos | _otros(version.tipo, version.condiciones)
    except ILEGIBLE:
        return datos


def version_de(simulacion: Simulacion) -> VersionRegla:
    """The version that a backtest tried, not saved."""
    datos = dict(simulacion.borrador)
    for campo in ("porcentaje", "monto_fijo"):
        datos[campo] = None if datos[campo] is None else Decimal(datos[campo])
    return VersionRegla(regla=simulacion.regla, numero=0, **datos)


def _otros(tipo: str, otras: dict[str, Any]) -> dict[str, Any]:
    if tipo == TipoComision.RED:
        return {
            "porcentajes_red": "; ".join(map(_escrito, otras["porcentajes"])),
            "tope_red": _numero(Decimal(otras["tope"])),
            "suspendido": otras["suspendido"],
        }
    datos: dict[str, Any] = {nombre: otras[nombre] for nombre in _TAL_CUAL if nombre in otras}
    for nombre in ("minimo", "tope"):
        if nombre in otras:
            datos[nombre] = _numero(Decimal(otras[nombre]))
    if "multiplicadores" in otras:
        datos["multiplicadores"] = " ".join(
            f"{nivel}={_escrito(factor)}" for nivel, factor in otras["multiplicadores"]
        )
    if "topes_gasto" in otras:
        datos["topes_gasto"] = "; ".join(
            f"{t['ambito']} {t['periodo']} {_escrito(t['monto'])}" for t in otras["topes_gasto"]
        )
    if "tramos" in otras:
        datos["tramos"] = "\n".join(map(_tramo, otras["tramos"]))
    return datos


def _tramo(tramo: dict[str, str]) -> str:
    celdas = [
        _escrito(tramo[nombre]) if nombre in tramo else ""
        for nombre in ("desde", "hasta", "porcentaje", "monto_fijo")
    ]
    return "; ".join(celdas).rstrip("; ")


def _numero(valor: Decimal | None) -> Decimal | None:
    return None if valor is None else Decimal(f"{valor.normalize():f}")


def _escrito(texto: str) -> str:
    """A plain decimal that nobody reads two ways: one with three decimals could be thousands."""
    _entero, _punto, decimales = texto.partition(".")
    return f"{texto}0" if len(decimales) == 3 else texto
