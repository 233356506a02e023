"""What always holds of the figures: of a sample, and of all of them on request."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Max, Min, Model

from alpespartner.comun.granos import mes_siguiente
from alpespartner.comun.invariantes import Comprobacion
from comisiones.metricas.consumidor import METRICAS
from comisiones.metricas.medidas import MEDIBLES, Medible
from comisiones.metricas.models import Medida, Remedicion
from comisiones.metricas.services import (
    SUMAN,
    TABLAS,
    a_medias,
    anotar,
    de_clase,
    medidas,
    plazos_de_clase,
    vacias,
)
from outbox.selectors import en_camino

_PORCION = 2_000
_MUESTRA = 5
_AZAR = random.SystemRandom()


def _medidas_como_estan(porciones: int | None = None) -> Iterator[str]:
    """A row is measured as it is now, unless an event of it is still on its way or the figures are
    being made anew."""
    if a_medias():
        return
    for medible in MEDIBLES:
        filas = medible.modelo._default_manager
        extremos = filas.aggregate(menor=Min("pk"), mayor=Max("pk"))
        mayor = max(
            extremos["mayor"] or 0,
            Medida.objects.filter(de=medible.nombre).aggregate(m=Max("fila"))["m"] or 0,
        )
        for desde in _desdes(extremos["menor"] or 0, mayor, porciones):
            yield from _distintas(medible, desde, desde + _PORCION)


def _desdes(menor: int, mayor: int, porciones: int | None) -> list[int]:
    """Where portions of keys begin: some of them, or all."""
    todos = range(menor, mayor + 1, _PORCION)
    if porciones is None or len(todos) <= porciones:
        return list(todos)
    return sorted(_AZAR.sample(todos, porciones))


def _distintas(medible: Medible, desde: int, hasta: int) -> Iterator[str]:
    leidas = medible.leer(pk__gte=desde, pk__lt=hasta)
    suyas = medidas(medible, fila__gte=desde, fila__lt=hasta)
    for pk in sorted(suyas.keys() - leidas.keys()):
        yield f"{medible.nombre} {pk}: se mide y no existe"
    for pk, (sujeto, dicha) in leidas.items():
        if suyas.get(pk) != dicha and not _en_camino(medible, pk, sujeto):
            yield f"{sujeto}: se mide {suyas.get(pk)}, es {dicha}"


def _en_camino(medible: Medible, pk: int, sujeto: str) -> bool:
    """Whether the consumer still has to handle some event of a row."""
    sujetos = [sujeto]
    if "ajuste_id" in medible.sujetos:
        fila = medible.modelo._default_manager.filter(pk=pk)
        sujetos += fila.filter(ajustes__isnull=False).values_list("ajustes__id_publico", flat=True)
    return en_camino(METRICAS, sujetos)


def _suman_lo_medido(meses: int | None = None) -> Iterator[str]:
    """Figures are what the rows of their days add up to, at any moment."""
    if a_medias():
        return
    tablas: list[tuple[type[Model], str]] = [(Medida, "dia")]
    tablas += [(modelo, "desde") for _clase, *ambos in TABLAS for modelo in ambos]
    extremos = [
        modelo._default_manager.aggregate(menor=Min(campo), mayor=Max(campo))
        for modelo, campo in tablas
    ]
    dias = [dia for suyos in extremos for dia in suyos.values() if dia is not None]
    todos = list(_meses(min(dias), max(dias))) if dias else []
    if meses is not None and len(todos) > meses:
        todos = _AZAR.sample(todos, meses)
    for mes in todos:
        yield from _de_un_mes(mes, mes_siguiente(mes))


def _meses(menor: date, mayor: date) -> Iterator[date]:
    mes = menor.replace(day=1)
    while mes <= mayor:
        yield mes
        mes = mes_siguiente(mes)


def _de_un_mes(desde: date, hasta: date) -> Iterator[str]:
    cifras, plazos = vacias()
    for medible in MEDIBLES:
        suyas = medidas(medible, dia__gte=desde, dia__lt=hasta)
        anotar(cifras, plazos, medible.nombre, suyas.values())
    tablas: list[tuple[type[Model], tuple[str, ...], tuple[str, ...], dict[Any, Any]]] = []
    for clase, cifra, plazo in TABLAS:
        suya: tuple[str, ...] = clase._fields
        tablas += [
            (cifra, suya, SUMAN, de_clase(cifras, clase)),
            (plazo, (*suya, "horas"), ("cuantas",), plazos_de_clase(plazos, clase)),
        ]
    for modelo, llave, campos, esperadas in tablas:
        filas = modelo._default_manager.filter(desde__gte=desde, desde__lt=hasta)
        dicen = {
            fila[: len(llave)]: fila[len(llave) :] for fila in filas.values_list(*llave, *campos)
        }
        nada = (0,) * len(campos)
        for clave in sorted(dicen.keys() | esperadas.keys()):
            dice, es = dicen.get(clave, nada), tuple(esperadas.get(clave, nada))
            if dice != es:
                yield f"{modelo.__name__} {list(clave)}: dice {dice}, es {es}"


def _a_medias() -> Iterator[str]:
    for de, hasta in Remedicion.objects.values_list("de", "hasta"):
        yield f"{de}: se midió hasta la fila {hasta}; sigue con manage.py reconstruir_metricas"


COMPROBACIONES = (
    Comprobacion(
        "Una muestra de ventas y comisiones se mide como está",
        lambda: _medidas_como_estan(_MUESTRA),
    ),
    Comprobacion("Las cifras de un mes suman lo que miden", lambda: _suman_lo_medido(1)),
    Comprobacion("Cada venta y comisión se mide como está", _medidas_como_estan, a_peticion=True),
    Comprobacion("Las cifras suman lo que miden", _suman_lo_medido, a_peticion=True),
    Comprobacion("Las cifras están enteras", _a_medias, aviso=True),
)
