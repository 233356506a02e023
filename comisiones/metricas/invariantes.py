"""What always holds of the figures: of a sample, and of all of them on request."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from operator import add
from typing import Any

from django.db.models import Max, Min, QuerySet

from alpespartner.comun.granos import DIAS_Y_MESES, Grano, comienzo, mes_siguiente
from alpespartner.comun.invariantes import Comprobacion
from comisiones.metricas.consumidor import METRICAS
from comisiones.metricas.horas import escritos, leidos
from comisiones.metricas.medidas import MEDIBLES, Casilla, CasillaDeCodigo, Medible
from comisiones.metricas.models import DeTramo, Medida, Remedicion
from comisiones.metricas.services import (
    SUMAN,
    TABLAS,
    a_medias,
    anotar,
    cambios,
    de_clase,
    medidas,
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
    filas: list[tuple[QuerySet[Any], str]] = [(Medida._default_manager.all(), "dia")]
    filas += [(m._default_manager.filter(grano__in=DIAS_Y_MESES), "desde") for m, _c in TABLAS]
    extremos = [suyas.aggregate(menor=Min(c), mayor=Max(c)) for suyas, c in filas]
    dias = [dia for suyos in extremos for dia in suyos.values() if dia is not None]
    todos = list(_meses(min(dias), max(dias))) if dias else []
    if meses is not None and len(todos) > meses:
        todos = _AZAR.sample(todos, meses)
    for mes in todos:
        yield from _de_un_mes(mes, mes_siguiente(mes))
    for modelo, clase in TABLAS:
        yield from _largos(modelo, clase, None if meses is None else todos)


def _meses(menor: date, mayor: date) -> Iterator[date]:
    mes = menor.replace(day=1)
    while mes <= mayor:
        yield mes
        mes = mes_siguiente(mes)


def _de_un_mes(desde: date, hasta: date) -> Iterator[str]:
    cifras, plazos = vacias()
    for medible in MEDIBLES:
        suyas = medidas(medible, dia__gte=desde, dia__lt=hasta)
        anotar(cifras, plazos, medible.nombre, suyas.values(), granos=DIAS_Y_MESES)
    for modelo, clase in TABLAS:
        largo = len(clase._fields)
        esperadas = {
            clave: [*sumas, escritos(cambios(plazos.get(clase(*clave))))]
            for clave, sumas in de_clase(cifras, clase).items()
        }
        filas = modelo._default_manager.filter(
            grano__in=DIAS_Y_MESES, desde__gte=desde, desde__lt=hasta
        )
        dicen = {fila[:largo]: fila[largo:] for fila in filas.values_list(*clase._fields, *_DICEN)}
        yield from _no_cuadran(modelo, dicen, esperadas)


# Those that are made of months.
_LARGOS = (Grano.TRIMESTRE, Grano.ANO)
_DICEN = (*SUMAN, "plazos")


def _largos(
    modelo: type[DeTramo], clase: type[Casilla | CasillaDeCodigo], meses: list[date] | None
) -> Iterator[str]:
    """Quarters and years, a campaign at a time: those of some months and campaigns, or all."""
    filas = modelo._default_manager.order_by()
    campanas = sorted(filas.values_list("campana", flat=True).distinct())
    if meses is not None and len(campanas) > _MUESTRA:
        campanas = _AZAR.sample(campanas, _MUESTRA)
    for campana in campanas:
        suyas = filas.filter(campana=campana, grano__in=(Grano.MES, *_LARGOS))
        anos = {mes.year for mes in meses or ()}
        if meses is None:
            anos = {ano for (ano,) in suyas.values_list("desde__year").distinct() if ano}
        for ano in sorted(anos):
            yield from _de_un_ano(modelo, clase, suyas.filter(desde__year=ano))


def _de_un_ano(
    modelo: type[DeTramo], clase: type[Casilla | CasillaDeCodigo], filas: QuerySet[Any]
) -> Iterator[str]:
    """Quarters and years are what their months add up to."""
    campos, largo = clase._fields, len(clase._fields)
    su_grano, su_desde = campos.index("grano"), campos.index("desde")
    largas = filas.filter(grano__in=_LARGOS).values_list(*campos, *_DICEN)
    sumas: dict[Any, list[int]] = {}
    plazos: dict[Any, list[str]] = {}
    for fila in filas.filter(grano=Grano.MES).values_list(*campos, *_DICEN):
        for grano in _LARGOS:
            clave = [*fila[:largo]]
            clave[su_grano], clave[su_desde] = grano.value, comienzo(grano, clave[su_desde])
            antes = sumas.setdefault(tuple(clave), [0] * len(SUMAN))
            antes[:] = map(add, antes, fila[largo:-1])
            plazos.setdefault(tuple(clave), []).append(fila[-1])
    esperadas = {k: [*suyas, escritos(leidos(plazos[k]))] for k, suyas in sumas.items()}
    yield from _no_cuadran(modelo, {f[:largo]: f[largo:] for f in largas}, esperadas)


# What came to be nothing has a row, or none.
_NADA = (*((0,) * len(SUMAN)), "")


def _no_cuadran(
    modelo: type[DeTramo],
    dicen: Mapping[Any, tuple[Any, ...]],
    esperadas: Mapping[Any, Sequence[Any]],
) -> Iterator[str]:
    for clave in sorted(dicen.keys() | esperadas.keys()):
        dice, es = dicen.get(clave, _NADA), tuple(esperadas.get(clave, _NADA))
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
