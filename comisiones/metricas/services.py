"""Measuring: what some rows add to the figures now, instead of what they added before.

As with the counters, it looks at the rows and not at what an event says of them, with the turn
taken: events in any order, one that comes twice and measuring everything anew end in the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db import connection

from alpespartner.comun.db.sumas import en_columnas, en_filas, sumar_en
from alpespartner.comun.granos import TODOS, Grano
from alpespartner.comun.turnos import tomar
from comisiones.metricas.horas import escritos, juntar, leidos
from comisiones.metricas.medidas import (
    ESTADOS,
    Casilla,
    CasillaDeCodigo,
    Dicha,
    Medible,
    casillas,
    casillas_de_codigos,
    sumandos,
)
from comisiones.metricas.models import Cifra, CifraDeCodigo, DeTramo, Medida, Remedicion

_TURNO = "metricas"
SUMAN = ("conversiones", "valor", "devuelto", *ESTADOS, "ajustado")
_POR_SENTENCIA = 500
Cifras = dict[Casilla | CasillaDeCodigo, dict[str, int]]
# How many commissions were approved in so many hours.
Plazos = dict[Casilla | CasillaDeCodigo, dict[int, int]]


def tomar_turno() -> None:
    """Be the only one who measures until the caller's transaction ends."""
    tomar([_TURNO])


def medir(de: Medible, claves: Collection[int]) -> None:
    """Bring the figures up to what some rows say; a key without a row adds nothing.

    In the caller's transaction, with the turn taken: what is read came after whoever had it.
    """
    ahora, antes = _guardar(de, claves)
    # While all is measured anew nobody reads them, and at the end they are added up.
    if a_medias():
        return
    cifras, plazos = vacias()
    for dichas, signo in ((antes, -1), (ahora, 1)):
        anotar(cifras, plazos, de.nombre, dichas.values(), signo)
    for modelo, clase in TABLAS:
        _sumar(modelo, clase, cifras, plazos)


# The tables of figures, and how each of theirs is named.
TABLAS: tuple[tuple[type[DeTramo], type[Casilla | CasillaDeCodigo]], ...] = (
    (Cifra, Casilla), (CifraDeCodigo, CasillaDeCodigo),
)  # fmt: skip


def _sumar(
    modelo: type[DeTramo], clase: type[Casilla | CasillaDeCodigo], cifras: Cifras, plazos: Plazos
) -> None:
    """How long approvals took is read first, where it changes: the turn is taken."""
    llave, suman = clase._fields, de_clase(cifras, clase)
    suyos = {clave: de_ella for clave in suman if (de_ella := cambios(plazos.get(clase(*clave))))}
    sumar_en(modelo, llave, SUMAN, {k: v for k, v in suman.items() if k not in suyos})
    cambian = sorted(suyos)
    for inicio in range(0, len(cambian), _POR_SENTENCIA):
        unas = cambian[inicio : inicio + _POR_SENTENCIA]
        dicen = _plazos_que_dicen(modelo, clase, unas)
        nuevos: dict[tuple[Any, ...], list[Any]] = {}
        for clave in unas:
            juntos = leidos([dicen.get(clave, "")])
            juntar(juntos, suyos[clave])
            nuevos[clave] = [*suman[clave], escritos(juntos)]
        sumar_en(modelo, llave, SUMAN, nuevos, ponen=("plazos",))


def _plazos_que_dicen(
    modelo: type[DeTramo],
    clase: type[Casilla | CasillaDeCodigo],
    claves: Sequence[tuple[Any, ...]],
) -> dict[tuple[Any, ...], str]:
    nombre, llave = connection.ops.quote_name, clase._fields
    columnas = ", ".join(map(nombre, llave))
    valores, demas = en_filas(map(en_columnas, claves))
    filas = f"VALUES {valores}" if connection.vendor == "sqlite" else valores
    campo, cual = modelo._meta.get_field("desde"), llave.index("desde")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columnas}, {nombre('plazos')}"  # noqa: S608
            f" FROM {nombre(modelo._meta.db_table)} WHERE ({columnas}) IN ({filas})",
            demas,
        )
        return {
            (*suya[:cual], campo.to_python(suya[cual]), *suya[cual + 1 :]): plazos
            for *suya, plazos in cursor.fetchall()
        }


def vacias() -> tuple[Cifras, Plazos]:
    """Figures to add to."""
    return defaultdict(lambda: dict.fromkeys(SUMAN, 0)), defaultdict(lambda: defaultdict(int))


def de_clase(cifras: Cifras, clase: type) -> dict[tuple[Any, ...], list[int]]:
    """The sums of those of a kind, by what names each."""
    return {
        tuple(casilla): list(suyas.values())
        for casilla, suyas in cifras.items()
        if type(casilla) is clase
    }


def cambios(plazos: Mapping[int, int] | None) -> dict[int, int]:
    """How many of each hours, but for those that came to be none."""
    return {horas: cuantas for horas, cuantas in (plazos or {}).items() if cuantas}


def anotar(
    cifras: Cifras,
    plazos: Plazos,
    de: str,
    dichas: Iterable[Dicha],
    signo: int = 1,
    granos: Sequence[Grano] = TODOS,
) -> None:
    """Add to the figures of some kinds of stretches what some rows say."""
    for dicha in dichas:
        suman = sumandos(de, dicha)
        suyos: list[Casilla | CasillaDeCodigo] = [*casillas(dicha, granos)]
        suyos += casillas_de_codigos(dicha, granos)
        for casilla in suyos:
            suyas = cifras[casilla]
            for campo, suma in suman.items():
                suyas[campo] += signo * suma
            if dicha.plazo is not None:
                plazos[casilla][dicha.plazo] += signo


def _guardar(de: Medible, claves: Collection[int]) -> tuple[dict[int, Dicha], dict[int, Dicha]]:
    """Keep what some rows say; gives it, and what was kept before, of those that changed."""
    leidas = {pk: dicha for pk, (_id, dicha) in de.leer(pk__in=claves).items() if dicha}
    antes = medidas(de, fila__in=claves)
    cambian = {pk for pk in claves if leidas.get(pk) != antes.get(pk)}
    ahora = {pk: dicha for pk, dicha in leidas.items() if pk in cambian}
    antes = {pk: dicha for pk, dicha in antes.items() if pk in cambian}
    if no_dicen := antes.keys() - ahora.keys():
        Medida.objects.filter(de=de.nombre, fila__in=no_dicen).delete()
    suyas = {(de.nombre, pk): (d.dia.isoformat(), *d[1:]) for pk, d in ahora.items()}
    sumar_en(Medida, ("de", "fila"), (), suyas, ponen=Dicha._fields)
    return ahora, antes


def medidas(de: Medible, **cuales: Any) -> dict[int, Dicha]:
    """What the figures hold of some rows."""
    filas = Medida.objects.filter(de=de.nombre, **cuales).values_list("fila", *Dicha._fields)
    return {fila: Dicha(*dicha) for fila, *dicha in filas}


def a_medias() -> bool:
    """Whether the figures are being made anew: until it ends nobody reads them."""
    return Remedicion.objects.exists()
