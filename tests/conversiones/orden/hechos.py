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
    st.sampled_from(["", "", "1", "0"]), st.sampled_from([False] * 7 + [True]),
)  # fmt: skip
_comun: dict[str, Any] = {
    "en": _hora,
    "clic": _a_veces(st.integers(0, 9)),
    "cupones": st.one_of(
        st.just(()), st.lists(st.integers(0, CUPONES), max_size=2, unique=True).map(tuple)
    ),
    "correo": _a_veces(st.integers(0, CORREOS - 1)),
}
_leads = st.builds(Dicho, cliente=st.integers(0, CLIENTES - 1), **_comun)
_ventas = st.builds(
    Dicho, cliente=_a_veces(st.integers(0, CLIENTES - 1)), centimos=st.integers(1, 99_999),
    explicito=_a_veces(_quien), **_comun,
)  # fmt: skip


@st.composite
def hechos(dar: Callable[..., Any]) -> Hechos:
    """Anything that may happen in some weeks."""
    clics = _en_segundos_distintos(dar(st.lists(_clics, max_size=9)))
    dichos = [
        replace(
            dicho, clic=dicho.clic if dicho.clic is not None and dicho.clic < len(clics) else None
        )
        for dicho in dar(st.lists(st.one_of(_ventas, _ventas, _leads), min_size=1, max_size=9))
    ]
    ventas = [n for n, dicho in enumerate(dichos) if dicho.centimos]
    devueltas: list[Devuelta] = []
    if ventas:
        de_una = st.builds(Devuelta, st.sampled_from(ventas), _a_veces(st.integers(1, 50)))
        for una in dar(st.lists(de_una, max_size=4)):
            # Two halves always fit.
            if sum(otra.venta == una.venta for otra in devueltas) < 2:
                devueltas.append(una)
    return Hechos(
        campana=dar(st.integers(0, 3)),
        clics=clics,
        estados=dar(st.lists(st.builds(CambiaEstado, _hora, _quien), max_size=5)),
        cupones=dar(
            st.lists(
                st.builds(CambiaCupon, _hora, st.integers(0, CUPONES - 1), _a_veces(_quien)),
                max_size=3,
            )
        ),
        enlaces=dar(
            st.lists(st.builds(RetiraEnlace, _hora, st.integers(0, AFILIADOS)), max_size=1)
        ),
        dichos=dichos,
        devueltas=devueltas,
    )


@st.composite
def llegadas(dar: Callable[..., Any], de: Hechos) -> Llegadas:
    """An order in which it is all told."""

    def demoras(cuantas: int, hasta: int) -> list[int]:
        return dar(st.lists(st.integers(0, hasta), min_size=cuantas, max_size=cuantas))

    recogidas = [
        clic.en + max(0, demora - 20) * RATO // 4
        for clic, demora in zip(de.clics, demoras(len(de.clics), 60), strict=True)
    ]
    dichos = []
    for dicho, demora in zip(de.dichos, demoras(len(de.dichos), 60), strict=True):
        desde = dicho.en if dicho.clic is None else max(dicho.en, de.clics[dicho.clic].en)
        dichos.append(desde + demora * RATO)
    return Llegadas(
        recogidas=recogidas,
        dichos=dichos,
        devueltas=[n * RATO for n in demoras(len(de.devueltas), 140)],
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
