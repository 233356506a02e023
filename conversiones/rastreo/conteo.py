"""Clicks by day and month, of each campaign, of each affiliate, of both and of all: what a report
of a year reads, instead of the counts of each link."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db import transaction
from django.db.models import Q, Sum

from alpespartner.comun.db.sumas import sumar_en
from alpespartner.comun.granos import tramos_de
from alpespartner.comun.turnos import tomar
from conversiones.rastreo.models import ClicsDelDia, ClicsDeTramo

# Whoever counts clicks takes it.
TURNO = "rastreo"
_LLAVE = ("campana", "afiliado", "grano", "desde", "moneda")
_SUMAN = ("clics", "unicos")
# Campaign, affiliate, stretch, its first day and the currency.
ClaveDeTramo = tuple[int, int, str, date, str]
_POR_VEZ = 10_000


def anotar(
    tramos: dict[ClaveDeTramo, list[int]],
    de: tuple[int, int, date, str],
    clics: int,
    unicos: int,
) -> None:
    """Add clicks of a campaign, an affiliate, a day and a currency to all that they count in."""
    campana, afiliado, dia, moneda = de
    for grano, desde in tramos_de(dia):
        for clave in (
            (0, 0, grano, desde, moneda),
            (campana, 0, grano, desde, moneda),
            (0, afiliado, grano, desde, moneda),
            (campana, afiliado, grano, desde, moneda),
        ):
            suma = tramos.setdefault(clave, [0, 0])
            suma[0] += clics
            suma[1] += unicos


def guardar(tramos: dict[ClaveDeTramo, list[int]]) -> None:
    """Write what was added, in the caller's transaction, with the turn taken."""
    sumar_en(ClicsDeTramo, _LLAVE, _SUMAN, tramos)


def contados() -> dict[ClaveDeTramo, list[int]]:
    """What the counts of the days add up to."""
    tramos: dict[ClaveDeTramo, list[int]] = {}
    for de, clics, unicos in _de_los_dias():
        anotar(tramos, de, clics, unicos)
    return tramos


def _de_los_dias() -> Iterator[tuple[tuple[int, int, date, str], int, int]]:
    filas = ClicsDelDia.objects.filter(Q(clics__gt=0) | Q(unicos__gt=0)).order_by()
    for campana, afiliado, moneda, dia, clics, unicos in filas.values_list(
        "enlace__campana", "enlace__afiliado", "enlace__campana__moneda", "dia", "clics", "unicos"
    ).iterator(chunk_size=_POR_VEZ):
        # A day that is none, in MySQL, no service wrote.
        if dia is not None:
            yield (campana, afiliado, dia, moneda), clics, unicos


def clics_de_enlaces(
    desde: date, hasta: date, campana: int | None, afiliado: int | None, moneda: str | None
) -> Iterator[tuple[str, str, int, int]]:
    """Code, currency, clicks and unique ones of each link that had any in some days."""
    dichas = {
        "enlace__campana": campana, "enlace__afiliado": afiliado, "enlace__campana__moneda": moneda,
    }  # fmt: skip
    filas = ClicsDelDia.objects.filter(
        dia__gte=desde, dia__lte=hasta, clics__gt=0,
        **{campo: valor for campo, valor in dichas.items() if valor is not None},
    ).order_by()  # fmt: skip
    yield from filas.values_list("enlace__codigo", "enlace__campana__moneda").annotate(
        suyos=Sum("clics"), solos=Sum("unicos")
    )


def recontar() -> int:
    """Make them anew from the counts of the days, while no click is counted; gives how many."""
    with transaction.atomic():
        tomar([TURNO])
        ClicsDeTramo._default_manager.all()._raw_delete(using="default")
        tramos = contados()
        guardar(tramos)
    return len(tramos)


def que_no_cuadran() -> Iterator[str]:
    """Each that is not what the days of its links add up to."""
    hay = contados()
    filas = ClicsDeTramo.objects.values_list(*_LLAVE, *_SUMAN)
    for *clave, clics, unicos in filas.iterator(chunk_size=_POR_VEZ):
        son = hay.pop(tuple(clave), [0, 0])
        if [clics, unicos] != son:
            yield f"clics {clave}: dice {clics} y {unicos}, son {son}"
    for clave_, son in sorted(hay.items()):
        if any(son):
            yield f"clics {list(clave_)}: no está, son {son}"
