"""What happened around some sales, drawn at random: each fact with its own time, told at another.

Times are in seconds from ``INICIO``. What the site sees (clicks) and what persons do (states,
coupons, links) happens when it happens; what a shop tells (customers, sales, refunds) is of its own
time and arrives later, in any order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

INICIO = datetime(2026, 3, 1, tzinfo=UTC)
RATO = 6 * 3600
# The campaign's window, and that of the third affiliate, in steps of time: their edges are met.
VENTANA, VENTANA_PROPIA = 28, 8
# Four campaigns, by model and by whether a coupon goes before the binding; and one of their own.
AFILIADOS, NAVEGADORES, CLIENTES, CUPONES, CORREOS = 3, 3, 3, 3, 2
OTRA_CAMPANA = AFILIADOS


@dataclass(frozen=True)
class Clic:
    """A browser follows the link of an affiliate, or that of the other campaign."""

    en: int
    navegador: int
    enlace: int
    cons: str
    robot: bool


@dataclass(frozen=True)
class CambiaEstado:
    """An affiliate is suspended; the next time, it is brought back."""

    en: int
    afiliado: int


@dataclass(frozen=True)
class CambiaCupon:
    """A coupon is withdrawn and is nobody's, or another's."""

    en: int
    cupon: int
    de: int | None


@dataclass(frozen=True)
class RetiraEnlace:
    """A link is withdrawn."""

    en: int
    enlace: int


@dataclass(frozen=True)
class Dicho:
    """A customer or, with ``centimos``, a sale that its shop tells of. ``clic`` is a place in the
    list of clicks."""

    en: int
    cliente: int | None
    clic: int | None
    cupones: tuple[int, ...]
    correo: int | None
    centimos: int = 0
    explicito: int | None = None


@dataclass(frozen=True)
class Devuelta:
    """So many hundredths of a sale come back; None: all that is left of it."""

    venta: int
    parte: int | None


@dataclass(frozen=True)
class Hechos:
    """All that happened."""

    campana: int
    clics: list[Clic]
    estados: list[CambiaEstado]
    cupones: list[CambiaCupon]
    enlaces: list[RetiraEnlace]
    dichos: list[Dicho]
    devueltas: list[Devuelta]

    @property
    def reasigna(self) -> bool:
        return self.campana % 2 == 1

    @property
    def primero(self) -> bool:
        return self.campana >= 2


@dataclass(frozen=True)
class Llegadas:
    """When each is told or taken in, in seconds from ``INICIO``; which sales are told twice, and
    whether events are handed over after each or all at the end."""

    recogidas: list[int]
    dichos: list[int]
    devueltas: list[int]
    repetidas: list[tuple[int, int]]
    al_momento: bool


def instante(segundo: int) -> datetime:
    return INICIO + timedelta(seconds=segundo)


_hora = st.integers(0, 80).map(lambda n: n * RATO)
_quien = st.integers(0, AFILIADOS - 1)


def _a_veces(estrategia: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), estrategia)


_clics = st.builds(
    Clic, _hora, st.integers(0, NAVEGADORES - 1), st.integers(0, AFILIADOS),
    st.sampled_from(["", "", "", "1", "0"]), st.sampled_from([False] * 9 + [True]),
)  # fmt: skip
_cupones = st.one_of(
    st.just(()), st.just(()), st.lists(st.integers(0, CUPONES), max_size=2, unique=True).map(tuple)
)


@st.composite
def _dichos(dar: Callable[..., Any], clics: list[Clic]) -> Dicho:
    """What a shop tells: most of it of a click, and soon after it or when its window ends."""
    es_venta = dar(st.sampled_from([True, True, False]))
    clic, en = None, dar(_hora)
    if clics and dar(st.sampled_from([True, True, False])):
        clic = dar(st.sampled_from(range(len(clics))))
        ratos = dar(st.sampled_from([0, 0, 1, 1, VENTANA_PROPIA, VENTANA, None, -1]))
        if ratos is not None:
            en = max(0, clics[clic].en + ratos * RATO + dar(st.sampled_from([0, 0, 1])))
        # Of a browser that its shop knows by another sale.
        clic = dar(st.sampled_from([clic, clic, None]))
    cliente = dar(st.integers(0, CLIENTES - 1))
    return Dicho(
        en=en,
        cliente=dar(st.sampled_from([cliente, None])) if es_venta else cliente,
        clic=clic,
        cupones=dar(_cupones),
        correo=dar(st.sampled_from([None, None, *range(CORREOS)])),
        centimos=dar(st.integers(1, 99_999)) if es_venta else 0,
        explicito=dar(st.sampled_from([None] * 4 + [*range(AFILIADOS)])) if es_venta else None,
    )


@st.composite
def hechos(dar: Callable[..., Any]) -> Hechos:
    """Anything that may happen in some weeks."""
    clics = _en_segundos_distintos(dar(st.lists(_clics, max_size=9)))
    dichos = dar(st.lists(_dichos(clics), min_size=1, max_size=9))
    ventas = [n for n, dicho in enumerate(dichos) if dicho.centimos]
    devueltas: list[Devuelta] = []
    if ventas:
        de_una = st.builds(Devuelta, st.sampled_from(ventas), _a_veces(st.integers(1, 50)))
        for una in dar(st.lists(de_una, max_size=4)):
            # Two halves always fit.
            if sum(otra.venta == una.venta for otra in devueltas) < 2:
                devueltas.append(una)
    cupones = st.builds(CambiaCupon, _hora, st.integers(0, CUPONES - 1), _a_veces(_quien))
    enlaces = st.builds(RetiraEnlace, _hora, st.integers(0, AFILIADOS))
    return Hechos(
        campana=dar(st.integers(0, 3)),
        clics=clics,
        estados=dar(st.lists(st.builds(CambiaEstado, _hora, _quien), max_size=5)),
        cupones=dar(st.lists(cupones, max_size=3)),
        enlaces=dar(st.lists(enlaces, max_size=1)),
        dichos=dichos,
        devueltas=devueltas,
    )


@st.composite
def llegadas(dar: Callable[..., Any], de: Hechos) -> Llegadas:
    """An order in which it is all told."""

    def demoras(cuantas: int, posibles: list[int]) -> list[int]:
        una = st.sampled_from(posibles)
        return dar(st.lists(una, min_size=cuantas, max_size=cuantas))

    # Most are taken in before anything is told of them; some long after.
    recogidas = [
        clic.en + ratos * RATO
        for clic, ratos in zip(de.clics, demoras(len(de.clics), [0, 0, 0, 1, 5, 40]), strict=True)
    ]
    dichos = []
    esperas = demoras(len(de.dichos), [0, 0, 1, 3, 9, 30, 60])
    for dicho, ratos in zip(de.dichos, esperas, strict=True):
        desde = dicho.en if dicho.clic is None else max(dicho.en, de.clics[dicho.clic].en)
        dichos.append(desde + ratos * RATO)
    return Llegadas(
        recogidas=recogidas,
        dichos=dichos,
        devueltas=[n * RATO for n in demoras(len(de.devueltas), [*range(0, 140, 5)])],
        repetidas=[
            (n, dichos[n] + demora * RATO)
            for n, demora in dar(
                st.lists(
                    st.tuples(st.sampled_from(range(len(dichos))), st.integers(0, 9)), max_size=2
                )
            )
        ],
        al_momento=dar(st.booleans()),
    )


def _en_segundos_distintos(clics: list[Clic]) -> list[Clic]:
    """Two clicks of one instant go by their ids, which are drawn anew each time."""
    vistos: set[int] = set()
    distintos = []
    for clic in clics:
        en = clic.en
        while en in vistos:
            en += 1
        vistos.add(en)
        distintos.append(replace(clic, en=en))
    return distintos
