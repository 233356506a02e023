"""Clicks by stretches of days, of each campaign, of each affiliate, of both and of all: what a
report of a year reads, instead of the counts of each link. And those of each link by month, for a
report of links."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Model, Q, Sum
from django.utils import timezone

from alpespartner.comun.db.sumas import sumar_en
from alpespartner.comun.granos import TODOS, Grano, cubrir, tramos_de
from alpespartner.comun.turnos import tomar
from conversiones.rastreo.models import ClicsDelDia, ClicsDelMes, ClicsDeTramo, Enlace

# Whoever counts clicks takes it.
TURNO = "rastreo"
_LLAVE = ("campana", "afiliado", "grano", "desde", "moneda")
_LLAVE_MES = ("enlace_id", "mes")
_SUMAN = ("clics", "unicos")
# Campaign, affiliate, stretch, its first day and the currency.
ClaveDeTramo = tuple[int, int, str, date, str]
_POR_VEZ = 10_000
_POR_CONSULTA = 1_000
_DE_GRANO: dict[str, tuple[type[Model], str]] = {
    Grano.DIA.value: (ClicsDelDia, "dia"),
    Grano.MES.value: (ClicsDelMes, "mes"),
}


def anotar(
    tramos: dict[ClaveDeTramo, list[int]],
    de: tuple[int, int, date, str],
    clics: int,
    unicos: int,
) -> None:
    """Add clicks of a campaign, an affiliate, a day and a currency to all that they count in."""
    campana, afiliado, dia, moneda = de
    for grano, desde in tramos_de(dia, TODOS):
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


def guardar_meses(dias: Mapping[tuple[int, date], Sequence[int]]) -> None:
    """Add the clicks of some links in some days to those of their months, as :func:`guardar`."""
    sumar_en(ClicsDelMes, _LLAVE_MES, _SUMAN, _por_meses(dias))


def _por_meses(
    dias: Mapping[tuple[int, date], Sequence[int]],
) -> dict[tuple[int, date], list[int]]:
    meses: dict[tuple[int, date], list[int]] = {}
    for (enlace, dia), (clics, unicos, *_otros) in dias.items():
        suma = meses.setdefault((enlace, dia.replace(day=1)), [0, 0])
        suma[0] += clics
        suma[1] += unicos
    return meses


@dataclass(slots=True)
class Contados:
    """What the counts of the days add up to, by stretch and by month of a link."""

    tramos: dict[ClaveDeTramo, list[int]] = field(default_factory=dict)
    meses: dict[tuple[int, date], list[int]] = field(default_factory=dict)


def contados() -> Contados:
    """All of it, read once."""
    todo = Contados()
    filas = ClicsDelDia.objects.filter(Q(clics__gt=0) | Q(unicos__gt=0)).order_by()
    for enlace, campana, afiliado, moneda, dia, clics, unicos in filas.values_list(
        "enlace", "enlace__campana", "enlace__afiliado", "enlace__campana__moneda", "dia",
        "clics", "unicos",
    ).iterator(chunk_size=_POR_VEZ):  # fmt: skip
        # A day that is none, in MySQL, no service wrote.
        if dia is None:
            continue
        anotar(todo.tramos, (campana, afiliado, dia, moneda), clics, unicos)
        suma = todo.meses.setdefault((enlace, dia.replace(day=1)), [0, 0])
        suma[0] += clics
        suma[1] += unicos
    return todo


def clics_de_enlaces(
    desde: date, hasta: date, campana: int | None, afiliado: int | None, moneda: str | None
) -> Iterator[tuple[str, str, int, int]]:
    """Code, currency, clicks and unique ones of each link that had any in some days: of whole
    months by their sums, of which a report reads an index and nothing else."""
    sumas: dict[int, list[int]] = {}
    dichas = {
        "enlace__campana": campana, "enlace__afiliado": afiliado, "enlace__campana__moneda": moneda,
    }  # fmt: skip
    suyos = {campo: valor for campo, valor in dichas.items() if valor is not None}
    for signo, grano, primero, ultimo in cubrir(desde, hasta, hoy=timezone.now().date()):
        modelo, fecha = _DE_GRANO[grano]
        filas = modelo._default_manager.filter(
            **suyos, **{f"{fecha}__gte": primero, f"{fecha}__lte": ultimo}
        ).order_by()
        for enlace, clics, unicos in filas.values_list("enlace").annotate(
            suyos=Sum("clics"), solos=Sum("unicos")
        ):
            suma = sumas.setdefault(enlace, [0, 0])
            suma[0] += signo * int(clics)
            suma[1] += signo * int(unicos)
    claves = [enlace for enlace, (clics, _unicos) in sumas.items() if clics]
    for inicio in range(0, len(claves), _POR_CONSULTA):
        unos = Enlace.objects.filter(pk__in=claves[inicio : inicio + _POR_CONSULTA])
        for enlace, codigo, de_campana in unos.order_by().values_list(
            "pk", "codigo", "campana__moneda"
        ):
            yield codigo, de_campana, *sumas[enlace]


def recontar() -> int:
    """Make them anew from the counts of the days, while no click is counted; gives how many. What
    is so already is not written."""
    with transaction.atomic():
        tomar([TURNO])
        todo = contados()
        tablas: list[tuple[type[Model], Sequence[str], dict[Any, list[int]]]] = [
            (ClicsDeTramo, _LLAVE, todo.tramos), (ClicsDelMes, _LLAVE_MES, todo.meses),
        ]  # fmt: skip
        for modelo, llave, suyas in tablas:
            if any(_no_cuadran("clics", modelo, llave, {**suyas})):
                modelo._default_manager.all()._raw_delete(using="default")
                sumar_en(modelo, llave, _SUMAN, suyas)
    return len(todo.tramos) + len(todo.meses)


def que_no_cuadran() -> Iterator[str]:
    """Each that is not what the days of its links add up to."""
    hay = contados()
    yield from _no_cuadran("clics", ClicsDeTramo, _LLAVE, hay.tramos)
    yield from _no_cuadran("clics del mes", ClicsDelMes, ("enlace_id", "mes"), hay.meses)


def _no_cuadran(
    que: str, modelo: type[Model], llave: Sequence[str], hay: dict[Any, list[int]]
) -> Iterator[str]:
    filas = modelo._default_manager.values_list(*llave, *_SUMAN)
    for *clave, clics, unicos in filas.iterator(chunk_size=_POR_VEZ):
        son = hay.pop(tuple(clave), [0, 0])
        if [clics, unicos] != son:
            yield f"{que} {clave}: dice {clics} y {unicos}, son {son}"
    for clave_, son in sorted(hay.items()):
        if any(son):
            yield f"{que} {list(clave_)}: no está, son {son}"
