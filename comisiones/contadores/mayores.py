"""The affiliates that have the most of something, from an index of the counters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.db.models import QuerySet

from alpespartner.comun.dinero import visible
from alpespartner.comun.listas.pagina import pagina
from comisiones.contadores.libro import LIBRO, Concepto, corte_en
from comisiones.contadores.models import Contador
from comisiones.contadores.tablas import AFILIADO, SIEMPRE, TODO, en_unidades

_POR_VEZ = 100
# Affiliates that are looked at, of each end, before it is said that there may be others.
TOPE = 500


class Ganado(NamedTuple):
    """What an affiliate (its key) earned."""

    afiliado: int
    moneda: str
    ganado: Decimal


class Cambio(NamedTuple):
    """What was approved to an affiliate (its key) in a month and in the one before."""

    afiliado: int
    antes: Decimal
    ahora: Decimal

    @property
    def diferencia(self) -> Decimal:
        """How much more, or less."""
        return self.ahora - self.antes


@dataclass(frozen=True, slots=True)
class Cambios:
    """Who changed the most in a currency. Not ``seguro``: only those that had the most in one of
    the months were looked at, and one that had less may have changed more."""

    moneda: str
    suben: list[Cambio]
    bajan: list[Cambio]
    seguro: bool


def los_que_mas_ganan(campana: int, moneda: str, cuantos: int) -> list[Ganado]:
    """Affiliates to whom most was approved in a campaign, the first one first."""
    filas = _mayores(corte_en(campana), SIEMPRE, moneda)
    return [Ganado(fila.quien, moneda, _suma(fila)) for fila in pagina(filas, cuantos).filas]


def los_que_mas_cambian(antes: int, ahora: int, cuantos: int) -> list[Cambios]:
    """In each currency, the affiliates whose approved commissions rose and fell the most from a
    month to another."""
    corte, quien = TODO
    monedas = (
        Contador.objects.filter(
            de=LIBRO.nombre, corte=corte, quien=quien, mes__in=[antes, ahora],
            estado=Concepto.GANADO,
        )
        .values_list("moneda", flat=True)
        .distinct()
    )  # fmt: skip
    cambios = []
    for moneda in sorted(set(monedas)):
        suben, todos_arriba = _extremo(moneda, ahora, antes, cuantos)
        bajan, todos_abajo = _extremo(moneda, antes, ahora, cuantos)
        cambios.append(
            Cambios(
                moneda,
                [Cambio(quien, otro, suyo) for quien, suyo, otro in suben],
                [Cambio(quien, suyo, otro) for quien, suyo, otro in bajan],
                todos_arriba and todos_abajo,
            )
        )
    return cambios


def _extremo(
    moneda: str, de: int, contra: int, cuantos: int
) -> tuple[list[tuple[int, Decimal, Decimal]], bool]:
    """Affiliates that had more in the month ``de`` than in ``contra``, by how much more, and
    whether nobody else can be among them: none had more in ``de`` than those left to look at, and
    nobody has less than nothing in ``contra``."""
    halladas: list[tuple[int, Decimal, Decimal]] = []
    vistos = 0
    for filas in _tandas(_mayores(AFILIADO, de, moneda)):
        otros = {
            quien: visible(en_unidades(importe), moneda)
            for quien, importe in Contador.objects.filter(
                de=LIBRO.nombre, corte=AFILIADO, quien__in=[fila.quien for fila in filas],
                mes=contra, estado=Concepto.GANADO, moneda=moneda,
            ).values_list("quien", "importe")
        }  # fmt: skip
        for fila in filas:
            suyo, otro = _suma(fila), otros.get(fila.quien, Decimal(0))
            if suyo > otro:
                halladas.append((fila.quien, suyo, otro))
        halladas.sort(key=lambda h: (h[2] - h[1], h[0]))
        del halladas[cuantos:]
        vistos += len(filas)
        ultima = _suma(filas[-1])
        if len(halladas) == cuantos and halladas[-1][1] - halladas[-1][2] >= ultima:
            return halladas, True
        if vistos >= TOPE:
            return halladas, False
    return halladas, True


def _mayores(corte: str, mes: int, moneda: str) -> QuerySet[Contador]:
    return Contador.objects.filter(
        de=LIBRO.nombre, corte=corte, mes=mes, estado=Concepto.GANADO, moneda=moneda
    ).order_by("-importe", "-id")


def _tandas(filas: QuerySet[Contador]) -> Iterator[list[Contador]]:
    cursor: str | None = None
    while True:
        una = pagina(filas, _POR_VEZ, cursor=cursor)
        if una.filas:
            yield una.filas
        if una.siguiente is None:
            return
        cursor = una.siguiente


def _suma(fila: Contador) -> Decimal:
    return visible(en_unidades(fila.importe), fila.moneda)
