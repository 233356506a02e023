"""Counting: what some rows add to the counters now, instead of what they added before.

It looks at the rows and not at what an event says of them, so the order of events, one that comes
twice and a recount of everything are all the same. Counting takes a turn: whoever writes sales and
commissions never does, and reads of theirs take no lock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import Count, Model, Sum

from alpespartner.comun.db.insercion import insertar_todas
from alpespartner.comun.turnos import tomar
from comisiones.contadores.models import Contada, Contador, Recuento
from comisiones.contadores.tablas import Casilla, Dicho, Tabla, dicho, en_rango

_TURNO = "contadores"
_POR_SENTENCIA = 500


def tomar_turno() -> None:
    """Be the only one who counts until the caller's transaction ends."""
    tomar([_TURNO])


def contar(tabla: Tabla, claves: Collection[int]) -> None:
    """Bring the counters up to what some rows say; a key without a row adds nothing.

    In the caller's transaction, with the turn taken: what is read came after whoever had it.
    """
    ahora = {pk: leido for pk, (_id, leido) in tabla.leer(pk__in=claves).items()}
    antes = contadas(tabla, fila__in=claves)
    cambian = [pk for pk in sorted(claves) if ahora.get(pk) != antes.get(pk)]
    mas: dict[Casilla, list[int]] = defaultdict(lambda: [0, 0])
    for pk in cambian:
        for leido, signo in ((antes.get(pk), -1), (ahora.get(pk), 1)):
            for casilla in tabla.casillas(leido) if leido else ():
                mas[casilla][0] += signo
                mas[casilla][1] += signo * (leido.importe if leido else 0)
    _guardar(tabla, {pk: ahora.get(pk) for pk in cambian}, antes)
    _sumar(tabla, mas)


def contadas(tabla: Tabla, **cuales: Any) -> dict[int, Dicho]:
    """What the counters hold of some rows."""
    filas = Contada.objects.filter(de=tabla.nombre, **cuales).values_list("fila", *Dicho._fields)
    return {fila: dicho(*leido) for fila, *leido in filas}


def _guardar(tabla: Tabla, dichos: dict[int, Dicho | None], antes: Collection[int]) -> None:
    idas = [pk for pk, leido in dichos.items() if leido is None]
    if idas:
        Contada.objects.filter(de=tabla.nombre, fila__in=idas).delete()
    quedan = {pk: leido for pk, leido in dichos.items() if leido is not None}
    filas = {
        pk: Contada(de=tabla.nombre, fila=pk, **leido._asdict()) for pk, leido in quedan.items()
    }
    # A recount has nothing but new ones.
    insertar_todas([fila for pk, fila in filas.items() if pk not in antes])
    _poner(
        Contada, [fila for pk, fila in filas.items() if pk in antes], ["de", "fila"], Dicho._fields
    )


def _sumar(tabla: Tabla, mas: dict[Casilla, list[int]]) -> None:
    por_corte: dict[str, list[Casilla]] = defaultdict(list)
    for casilla in mas:
        por_corte[casilla.corte].append(casilla)
    hay: dict[Casilla, tuple[int, int]] = {}
    for corte, casillas in por_corte.items():
        filas = Contador.objects.filter(
            de=tabla.nombre, corte=corte, quien__in={c.quien for c in casillas},
            mes__in={c.mes for c in casillas},
        )  # fmt: skip
        for *cual, cuantas, importe in filas.values_list(*Casilla._fields, "cuantas", "importe"):
            hay[Casilla(*cual)] = (en_rango(cuantas), en_rango(importe))
    nuevas = []
    for casilla, (cuantas, importe) in sorted(mas.items()):
        if cuantas or importe:
            antes = hay.get(casilla, (0, 0))
            nuevas.append(
                Contador(
                    de=tabla.nombre, **casilla._asdict(), cuantas=en_rango(antes[0] + cuantas),
                    importe=en_rango(antes[1] + importe),
                )
            )  # fmt: skip
    _poner(Contador, nuevas, ["de", *Casilla._fields], ["cuantas", "importe"])


def sumar_lo_contado(tabla: Tabla) -> None:
    """Make the counters of a table anew from what they hold of each row, with the turn taken."""
    Contador._default_manager.filter(de=tabla.nombre)._raw_delete(using="default")
    juntos = [campo for campo in Dicho._fields if campo != "importe"]
    grupos = (
        Contada.objects.filter(de=tabla.nombre).values_list(*juntos)
        .annotate(cuantas=Count("pk"), suma=Sum("importe")).order_by()
    )  # fmt: skip
    mas: dict[Casilla, list[int]] = defaultdict(lambda: [0, 0])
    for *leido, cuantas, suma in grupos.iterator():
        suyo = Dicho(importe=int(suma), **dict(zip(juntos, leido, strict=True)))
        for casilla in tabla.casillas(suyo):
            mas[casilla][0] += cuantas
            mas[casilla][1] += suyo.importe
    insertar_todas([
        Contador(de=tabla.nombre, **casilla._asdict(), cuantas=cuantas, importe=importe)
        for casilla, (cuantas, importe) in sorted(mas.items())
    ])  # fmt: skip


def _poner(
    modelo: type[Model], filas: Sequence[Any], unicos: Sequence[str], campos: Iterable[str]
) -> None:
    """Write rows over those that are there."""
    if filas:
        con_nombre = connection.features.supports_update_conflicts_with_target
        modelo._default_manager.bulk_create(
            filas, batch_size=_POR_SENTENCIA, update_conflicts=True, update_fields=list(campos),
            unique_fields=unicos if con_nombre else None,
        )  # fmt: skip


def anotar_hasta(tabla: Tabla, posicion: int) -> None:
    """Note the last event that was counted, with the turn taken."""
    recuento, _nuevo = Recuento.objects.get_or_create(de=tabla.nombre)
    if recuento.hasta < posicion:
        recuento.hasta = posicion
        recuento.save(update_fields=["hasta"])
