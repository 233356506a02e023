"""What publishing a rule refuses. Ranges hold for any terms; completeness, once inherited."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from alpespartner.comun.dinero import CERO, MAXIMO, DineroInvalido, es_exacto, exponente
from comisiones.motor.calculo import lleva_montos
from comisiones.motor.errores import TerminosInvalidos
from comisiones.motor.periodos import zona
from comisiones.motor.tipos import (
    MAXIMO_MESES,
    MAXIMO_PAGOS,
    Modo,
    Periodo,
    Terminos,
    Tipo,
)
from comisiones.motor.tramos import CIENTO, validar_retroactiva, validar_tramos

# Rates with more decimals could not be multiplied exactly within the 60 digits of the context.
DECIMALES_TASA: Final = 8


def validar(terminos: Terminos) -> None:
    """Check effective terms (after inheritance) in full: ranges, then completeness.

    Raises :class:`TerminosInvalidos` (or its ``TramosInvalidos``) with the first reason found.
    """
    validar_rangos(terminos)
    validar_completos(terminos)


def validar_rangos(terminos: Terminos) -> None:
    """Check each term that is present, on its own; ``None`` passes. Raises as :func:`validar`."""
    if terminos.moneda is not None:
        try:
            exponente(terminos.moneda)
        except DineroInvalido as error:
            raise TerminosInvalidos(str(error), campo="moneda") from error
    if terminos.porcentaje is not None:
        validar_porcentaje(terminos.porcentaje)
    _monto("monto_fijo", "El monto fijo", terminos.monto_fijo)
    _monto("minimo", "El mínimo", terminos.minimo, terminos.moneda)
    _monto("tope", "El tope", terminos.tope, terminos.moneda)
    if (
        terminos.minimo is not None
        and terminos.tope is not None
        and terminos.minimo > terminos.tope
    ):
        raise TerminosInvalidos("El mínimo no puede ser mayor que el tope.", campo="minimo")
    if terminos.tramos is not None:
        validar_tramos(terminos.tramos)
        for tramo in terminos.tramos:
            if tramo.porcentaje is not None:
                validar_porcentaje(tramo.porcentaje, campo="tramos")
    for nombre, factor in terminos.multiplicadores or ():
        if not CERO <= factor <= CIENTO or _decimales(factor) > DECIMALES_TASA:
            raise TerminosInvalidos(
                f"El multiplicador de «{nombre}» debe estar entre 0 y 100, con hasta"
                f" {DECIMALES_TASA} decimales.",
                campo="multiplicadores",
            )
    niveles = (nombre for nombre, _ in terminos.multiplicadores or ())
    _sin_repetir("multiplicadores", "niveles", niveles)
    for tope in terminos.topes_gasto or ():
        _monto("topes_gasto", "El tope de gasto", tope.monto, terminos.moneda)
        if tope.periodo is Periodo.ORDEN:
            raise TerminosInvalidos(
                "Un tope de gasto por orden es el tope de la comisión.", campo="topes_gasto"
            )
    limites = ((tope.ambito, tope.periodo) for tope in terminos.topes_gasto or ())
    _sin_repetir("topes_gasto", "topes de gasto", limites)
    _sin_repetir("excluye", "conceptos excluidos", terminos.excluye or ())
    _entero("duracion_meses", "La duración en meses", terminos.duracion_meses, 0, MAXIMO_MESES)
    _entero("max_pagos", "Las ventas de un cliente que ganan", terminos.max_pagos, 1, MAXIMO_PAGOS)
    if terminos.zona_horaria is not None:
        zona(terminos.zona_horaria)


def validar_completos(terminos: Terminos) -> None:
    """Check that effective terms say all that their type needs. Raises as :func:`validar`."""
    tipo = terminos.tipo
    if tipo is None:
        raise TerminosInvalidos("Falta «tipo» en la regla.", campo="tipo")
    if tipo in (Tipo.PORCENTUAL, Tipo.MIXTA) and terminos.porcentaje is None:
        raise TerminosInvalidos(f"Falta «porcentaje» en la regla {tipo.value}.", campo="porcentaje")
    if tipo in (Tipo.FIJA, Tipo.MIXTA) and terminos.monto_fijo is None:
        raise TerminosInvalidos(f"Falta «monto_fijo» en la regla {tipo.value}.", campo="monto_fijo")
    if tipo is Tipo.ESCALONADA:
        if terminos.tramos is None:
            raise TerminosInvalidos("Falta «tramos» en la regla escalonada.", campo="tramos")
        if terminos.modo is Modo.COMPLETA and terminos.acumula:
            validar_retroactiva(terminos.tramos)
    if terminos.moneda is None and lleva_montos(terminos):
        raise TerminosInvalidos("La regla tiene montos y le falta la moneda.", campo="moneda")


def validar_porcentaje(porcentaje: Decimal, *, campo: str = "porcentaje") -> None:
    """Check a percentage: 0 to 100, up to 8 decimals. Raises :class:`TerminosInvalidos`, which says
    that it is the term ``campo``."""
    if not porcentaje.is_finite() or not CERO <= porcentaje <= CIENTO:
        raise TerminosInvalidos("El porcentaje debe estar entre 0 y 100.", campo=campo)
    if _decimales(porcentaje) > DECIMALES_TASA:
        raise TerminosInvalidos(
            f"El porcentaje admite hasta {DECIMALES_TASA} decimales.", campo=campo
        )


def _monto(campo: str, nombre: str, monto: Decimal | None, moneda: str | None = None) -> None:
    if monto is None:
        return
    if not monto.is_finite() or not CERO <= monto <= MAXIMO:
        raise TerminosInvalidos(f"{nombre} debe estar entre 0 y el máximo admitido.", campo=campo)
    # A bound with more decimals than the currency would be crossed by the final rounding.
    if moneda is not None and not es_exacto(monto, moneda):
        raise TerminosInvalidos(f"{nombre} tiene más decimales que {moneda}.", campo=campo)


def _entero(campo: str, nombre: str, valor: int | None, minimo: int, maximo: int) -> None:
    if valor is not None and not minimo <= valor <= maximo:
        raise TerminosInvalidos(f"{nombre}: de {minimo} a {maximo}.", campo=campo)


def _decimales(numero: Decimal) -> int:
    return max(0, -int(numero.normalize().as_tuple().exponent))


def _sin_repetir(campo: str, nombre: str, valores: Iterable[object]) -> None:
    lista = list(valores)
    if len(lista) != len(set(lista)):
        raise TerminosInvalidos(f"Hay {nombre} repetidos.", campo=campo)
