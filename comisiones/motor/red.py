"""Network: what the ancestors of the affiliate who sold earn.

Level 1 is the affiliate who sold and is paid by its rule; ``Red.porcentajes`` are for level 2 (its
referrer), level 3 and so on, each in percent of the base of the sale.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from alpespartner.comun.dinero import CERO, CONTEXTO, cuantizar
from comisiones.motor.calculo import calcular
from comisiones.motor.errores import CicloEnRed, RedInvalida, TerminosInvalidos
from comisiones.motor.tipos import Base, Concepto, Hechos, Resultado, Terminos, Tipo
from comisiones.motor.tramos import CENTESIMA, CIENTO
from comisiones.motor.validacion import validar_porcentaje


class Suspendido(StrEnum):
    """What happens to the level of a suspended ancestor.

    ``omitir``: it goes unpaid and the others keep theirs; ``comprimir``: the next one takes it.
    """

    OMITIR = "omitir"
    COMPRIMIR = "comprimir"


@dataclass(frozen=True, slots=True)
class Red:
    """Percent of each level from 2 on; ``tope``: percent of the base for all levels together."""

    porcentajes: tuple[Decimal, ...]
    tope: Decimal = CIENTO
    suspendido: Suspendido = Suspendido.OMITIR


class Ascendiente(NamedTuple):
    """An ancestor, nearest first in its chain; ``activo`` is false while it may not earn."""

    afiliado: str
    activo: bool = True


@dataclass(frozen=True, slots=True)
class ComisionRed:
    """Commission of an ancestor; ``terminos`` are those that replay it with the same facts."""

    nivel: int
    afiliado: str
    terminos: Terminos
    resultado: Resultado


def validar_red(red: Red) -> None:
    """Raises :class:`RedInvalida` for percentages outside 0-100 or over the cap together."""
    try:
        for porcentaje in red.porcentajes:
            validar_porcentaje(porcentaje, campo="porcentajes")
        validar_porcentaje(red.tope, campo="tope")
    except TerminosInvalidos as error:
        raise RedInvalida(str(error), campo=error.campo) from error
    total = sum(red.porcentajes, CERO)
    if total > red.tope:
        raise RedInvalida(
            f"Los niveles suman {total:f} % y el tope de la red es {red.tope:f} %.",
            campo="porcentajes",
        )


def ascendientes(
    afiliado: str, referentes: Mapping[str, str], maximo: int | None = None
) -> tuple[str, ...]:
    """Ancestors of an affiliate, nearest first, at most ``maximo``. Raises :class:`CicloEnRed`."""
    cadena: list[str] = []
    vistos = {afiliado}
    actual = referentes.get(afiliado)
    while actual and (maximo is None or len(cadena) < maximo):
        if actual in vistos:
            raise CicloEnRed(f"La red de «{afiliado}» forma un ciclo en «{actual}».", actual)
        vistos.add(actual)
        cadena.append(actual)
        actual = referentes.get(actual)
    return tuple(cadena)


def comprobar_referente(afiliado: str, referente: str, referentes: Mapping[str, str]) -> None:
    """Raises :class:`CicloEnRed` if giving ``afiliado`` this referrer would close a cycle."""
    if referente == afiliado or afiliado in ascendientes(referente, referentes):
        raise CicloEnRed(
            f"«{afiliado}» no puede tener por referente a «{referente}»: es un ciclo.", afiliado
        )


def comprobar_sin_ciclos(referentes: Mapping[str, str]) -> None:
    """Raises :class:`CicloEnRed` if any chain comes back on itself. Linear in the network."""
    sanos: set[str] = set()
    for afiliado in referentes:
        camino: list[str] = []
        vistos: set[str] = set()
        actual: str | None = afiliado
        while actual and actual not in sanos:
            if actual in vistos:
                raise CicloEnRed(f"La red de «{afiliado}» forma un ciclo en «{actual}».", actual)
            vistos.add(actual)
            camino.append(actual)
            actual = referentes.get(actual)
        sanos.update(camino)


def niveles(red: Red, cadena: Sequence[Ascendiente]) -> tuple[tuple[int, str, Decimal], ...]:
    """``(level, affiliate, percent)`` of each ancestor that earns, by the setting for suspended."""
    if red.suspendido is Suspendido.COMPRIMIR:
        cadena = [ascendiente for ascendiente in cadena if ascendiente.activo]
    return tuple(
        (nivel, ascendiente.afiliado, porcentaje)
        for nivel, (ascendiente, porcentaje) in enumerate(
            zip(cadena, red.porcentajes, strict=False), start=2
        )
        if ascendiente.activo
    )


def repartir(
    red: Red,
    cadena: Sequence[Ascendiente],
    terminos: Terminos,
    hechos: Hechos,
    *,
    saltar: Collection[int] = (),
) -> tuple[ComisionRed, ...]:
    """Commissions of the ancestors for one sale, in its currency, nearest first.

    ``terminos`` are those of the sale's own rule: their base is the network's base, and a renewal
    that does not earn by their limits pays nobody. Levels in
    ``saltar`` are paid by other rules. Together they never pass ``red.tope`` of the base, rounded:
    the last levels give up the minor units that rounding would add. To compress, pass the chain
    beyond the suspended. The percentages must be valid.
    """
    suyos = (terminos.base, terminos.excluye, terminos.duracion_meses, terminos.max_pagos)
    resto: Decimal | None = None
    pagadas: list[ComisionRed] = []
    for nivel, afiliado, porcentaje in niveles(red, cadena):
        if nivel in saltar:
            continue
        efectivos = _terminos_nivel(porcentaje, *suyos)
        resultado = calcular(efectivos, hechos)
        if resto is None:
            limite = CONTEXTO.multiply(CONTEXTO.multiply(resultado.base, red.tope), CENTESIMA)
            resto = cuantizar(limite, hechos.moneda)
        if resultado.monto > resto:
            efectivos = replace(efectivos, moneda=hechos.moneda, tope=resto)
            resultado = calcular(efectivos, hechos)
        resto -= resultado.monto
        pagadas.append(ComisionRed(nivel, afiliado, efectivos, resultado))
    return tuple(pagadas)


@lru_cache(maxsize=256)
def _terminos_nivel(
    porcentaje: Decimal,
    base: Base | None,
    excluye: tuple[Concepto, ...] | None,
    duracion_meses: int | None,
    max_pagos: int | None,
) -> Terminos:
    return Terminos(
        tipo=Tipo.PORCENTUAL,
        porcentaje=porcentaje,
        base=base,
        excluye=excluye,
        duracion_meses=duracion_meses,
        max_pagos=max_pagos,
    )
