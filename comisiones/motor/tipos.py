"""Inputs and outputs of the engine: frozen, hashable values. No Django, no clock, no I/O.

Amounts are ``Decimal`` in the main unit of a currency ("10.50"); percentages are ``Decimal`` in
percent ("15" is 15 %). In the terms of a rule ``None`` inherits from the next rule in the order of
precedence (see ``precedencia``) and 0 is zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from alpespartner.comun.dinero import CERO, MAXIMO


class Tipo(StrEnum):
    """How a rule pays."""

    PORCENTUAL = "porcentual"
    FIJA = "fija"
    MIXTA = "mixta"
    ESCALONADA = "escalonada"


class Por(StrEnum):
    """What a fixed amount is paid for."""

    ORDEN = "orden"
    ITEM = "item"


class Modo(StrEnum):
    """``graduada``: each slice pays its own tier; ``completa``: all pays the tier reached."""

    GRADUADA = "graduada"
    COMPLETA = "completa"


class Metrica(StrEnum):
    """What places an order in a tier: its base, or its number of items (1 when not told)."""

    VALOR = "valor"
    CANTIDAD = "cantidad"


class Periodo(StrEnum):
    """Span over which the metric accumulates, in the rule's time zone."""

    ORDEN = "orden"
    DIA = "dia"
    SEMANA = "semana"
    MES = "mes"
    TOTAL = "total"


class Base(StrEnum):
    """``bruto``: the value of the conversion; ``neto``: without what ``excluye`` names."""

    BRUTO = "bruto"
    NETO = "neto"


class Concepto(StrEnum):
    """Part of the value that a net base leaves out."""

    IMPUESTO = "impuesto"
    ENVIO = "envio"
    DESCUENTO = "descuento"


class AmbitoTope(StrEnum):
    """Whose spending a cap limits."""

    AFILIADO = "afiliado"
    CAMPANA = "campana"


# Items of one sale: more is a bar code typed as a quantity.
MAXIMO_ITEMS: Final = 100_000

# Longest that renewals may earn, and most sales of a customer that may: more is no limit.
MAXIMO_MESES: Final = 1_200
MAXIMO_PAGOS: Final = 10_000

# Suggested multipliers by affiliate level; a rule uses them only when its terms carry them.
MULTIPLICADORES_NIVEL: Final[tuple[tuple[str, Decimal], ...]] = (
    ("bronce", Decimal("1")),
    ("plata", Decimal("1.1")),
    ("oro", Decimal("1.25")),
    ("platino", Decimal("1.5")),
    ("diamante", Decimal("2")),
)


@dataclass(frozen=True, slots=True)
class Tramo:
    """A tier: metric over ``desde`` (exclusive) up to and including ``hasta`` (None: no end).

    What ``monto_fijo`` is paid for depends on the mode (see ``tramos``).
    """

    desde: Decimal
    hasta: Decimal | None = None
    porcentaje: Decimal | None = None
    monto_fijo: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TopeGasto:
    """Spending cap: at most ``monto`` (rule's currency) per affiliate or campaign and period."""

    ambito: AmbitoTope
    periodo: Periodo
    monto: Decimal


@dataclass(frozen=True, slots=True)
class Terminos:
    """What a rule version pays. Every field: ``None`` inherits, 0 is zero.

    ``moneda`` is the currency of its amounts (``monto_fijo``, tiers by value, ``minimo``, ``tope``,
    ``topes_gasto``); a rule of percentages alone applies to any currency. ``minimo`` and ``tope``
    bound each commission; a commission of exactly 0 stays 0 whatever the minimum. The sales of a
    customer earn for ``duracion_meses`` after its first one, ``max_pagos`` of them at most (see
    ``renovaciones``).
    """

    tipo: Tipo | None = None
    moneda: str | None = None
    porcentaje: Decimal | None = None
    monto_fijo: Decimal | None = None
    por: Por | None = None
    modo: Modo | None = None
    metrica: Metrica | None = None
    periodo: Periodo | None = None
    zona_horaria: str | None = None
    tramos: tuple[Tramo, ...] | None = None
    minimo: Decimal | None = None
    tope: Decimal | None = None
    topes_gasto: tuple[TopeGasto, ...] | None = None
    multiplicadores: tuple[tuple[str, Decimal], ...] | None = None
    base: Base | None = None
    excluye: tuple[Concepto, ...] | None = None
    duracion_meses: int | None = None
    max_pagos: int | None = None

    @property
    def limita_renovaciones(self) -> bool:
        """Whether a sale may earn nothing for coming after others of its customer."""
        return self.duracion_meses is not None or self.max_pagos is not None

    @property
    def con_periodo(self) -> bool:
        """Whether it names a period of more than one order."""
        return self.periodo not in (None, Periodo.ORDEN)

    @property
    def acumula(self) -> bool:
        """Whether what an order pays depends on the earlier ones of its period."""
        return self.tipo is Tipo.ESCALONADA and self.con_periodo


@dataclass(frozen=True, slots=True)
class Alcance:
    """Conditions of a rule, all of which must hold. ``None`` does not restrict."""

    cupon: str | None = None
    enlace: str | None = None
    afiliado: str | None = None
    producto: str | None = None
    tipo_afiliado: str | None = None
    campana: str | None = None


@dataclass(frozen=True, slots=True)
class VersionRegla:
    """A published, immutable version, for conversions in ``[vigente_desde, vigente_hasta)``.

    ``nivel`` 1 is the affiliate who sold, 2 its referrer, and so on. Higher ``prioridad`` wins.
    """

    regla: str
    version: int
    terminos: Terminos
    alcance: Alcance = Alcance()
    nivel: int = 1
    prioridad: int = 0
    vigente_desde: datetime | None = None
    vigente_hasta: datetime | None = None


@dataclass(frozen=True, slots=True)
class Renovacion:
    """That a sale is not the first one of its customer: when that occurred, in UTC, whether it was
    refused for fraud, and how many others of the customer have earned (no more are counted than a
    limit needs)."""

    primera_en: datetime
    fraude: bool = False
    pagos: int = 0


@dataclass(frozen=True, slots=True)
class Hechos:
    """A conversion as it happened. ``valor`` includes ``impuesto``, ``envio`` and ``descuento``.

    All four are amounts in ``moneda``. ``ocurrida_en`` is aware, in UTC. ``cantidad`` is the number
    of items, from 1 to ``MAXIMO_ITEMS``. ``renovacion``: None for a first sale, and for terms that
    do not limit renewals.
    """

    valor: Decimal
    moneda: str
    ocurrida_en: datetime
    cantidad: int = 1
    impuesto: Decimal = CERO
    envio: Decimal = CERO
    descuento: Decimal = CERO
    nivel_afiliado: str = ""
    afiliado: str = ""
    tipo_afiliado: str = ""
    producto: str = ""
    campana: str = ""
    cupon: str = ""
    enlace: str = ""
    renovacion: Renovacion | None = None


@dataclass(frozen=True, slots=True)
class Acumulado:
    """State of a period before an order: from ``Acumulado()``, fold ``Resultado.acumulado``.

    ``valor``: sum of bases; ``cantidad``: items; ``ordenes``: orders; ``bruto``: exact commission,
    unrounded and before minimum and caps (it makes the roundings telescope, so store every digit).
    ``gastado``: rounded commissions already granted in the window of each of the rule's
    ``topes_gasto``, in their order; the caller looks them up.
    """

    valor: Decimal = CERO
    cantidad: int = 0
    ordenes: int = 0
    bruto: Decimal = CERO
    gastado: tuple[Decimal, ...] = ()


class Paso(NamedTuple):
    """One step of a trace: a stable ``codigo`` and its numbers as text, in order."""

    codigo: str
    datos: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Resultado:
    """A commission. ``base`` and ``monto`` in ``moneda``; ``monto`` rounded to its exponent.

    ``tasa``: percent applied; the average to 4 decimals when several tiers took part; ``None`` when
    no percentage did. ``exacto``: what the order adds, before minimum, caps and rounding.
    ``acumulado``: state after this order, only for tiers over a period.
    """

    base: Decimal
    tasa: Decimal | None
    monto: Decimal
    moneda: str
    exacto: Decimal
    traza: tuple[Paso, ...]
    acumulado: Acumulado | None = None

    @property
    def fuera_de_rango(self) -> bool:
        """Whether it is more than any commission may pay or store."""
        return self.monto > MAXIMO


def plano(numero: Decimal) -> str:
    """All the digits of a decimal without an exponent: "0.00000001", not "1E-8"."""
    texto = str(numero)
    return f"{numero:f}" if "E" in texto else texto
