"""Measuring: what some rows add to the figures now, instead of what they added before.

As with the counters, it looks at the rows and not at what an event says of them, with the turn
taken: events in any order, one that comes twice and measuring everything anew end in the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.db import connection
from django.db.models import Model

from alpespartner.comun.db.insercion import insertar_todas
from alpespartner.comun.db.sumas import sumar_en
from alpespartner.comun.granos import Grano
from alpespartner.comun.turnos import tomar
from comisiones.metricas.medidas import (
    ESTADOS,
    VENTAS,
    Casilla,
    CasillaDeCodigo,
    Dicha,
    Medible,
    casillas,
    casillas_de_codigos,
    sumandos,
)
from comisiones.metricas.models import (
    Cifra,
    CifraDeCodigo,
    Medida,
    Plazo,
    PlazoDeCodigo,
    Remedicion,
    TipoCodigo,
)

_TURNO = "metricas"
SUMAN = ("conversiones", "valor", "devuelto", *ESTADOS, "ajustado")
_EN_MEDIDA = ("dia", "campana", "afiliado", "canal", "moneda", "estado", "importe", "quitado",
              "plazo", "cupon", "enlace")  # fmt: skip
_POR_SENTENCIA = 500
# Each kind of figures: what names one, its sums, and how long approvals took.
TABLAS: tuple[tuple[type[Casilla | CasillaDeCodigo], type[Model], type[Model]], ...] = (
    (Casilla, Cifra, Plazo),
    (CasillaDeCodigo, CifraDeCodigo, PlazoDeCodigo),
)
Cifras = dict[Casilla | CasillaDeCodigo, dict[str, int]]
# A figure and some hours: how many commissions were approved in them.
Plazos = dict[tuple[Casilla | CasillaDeCodigo, int], int]


def tomar_turno() -> None:
    """Be the only one who measures until the caller's transaction ends."""
    tomar([_TURNO])


def medir(de: Medible, claves: Collection[int]) -> None:
    """Bring the figures up to what some rows say; a key without a row adds nothing.

    In the caller's transaction, with the turn taken: what is read came after whoever had it.
    """
    ahora, antes = _guardar(de, claves)
    cifras, plazos = vacias()
    for dichas, signo in ((antes, -1), (ahora, 1)):
        anotar(cifras, plazos, de.nombre, dichas.values(), signo)
    # While all is measured anew nobody reads them, and at the end they are added up.
    if not a_medias():
        for clase, cifra, plazo in TABLAS:
            if suyas := de_clase(cifras, clase):
                sumar_en(cifra, clase._fields, SUMAN, suyas)
            if suyos := plazos_de_clase(plazos, clase):
                sumar_en(plazo, (*clase._fields, "horas"), ("cuantas",), suyos)


def vacias() -> tuple[Cifras, Plazos]:
    """Figures to add to."""
    return defaultdict(lambda: dict.fromkeys(SUMAN, 0)), defaultdict(int)


def de_clase(cifras: Cifras, clase: type) -> dict[tuple[Any, ...], list[int]]:
    """The sums of those of a kind, by what names each."""
    return {
        tuple(casilla): list(suyas.values())
        for casilla, suyas in cifras.items()
        if type(casilla) is clase
    }


def plazos_de_clase(plazos: Plazos, clase: type) -> dict[tuple[Any, ...], list[int]]:
    """The same of how long approvals took."""
    return {
        (*casilla, horas): [cuantas]
        for (casilla, horas), cuantas in plazos.items()
        if type(casilla) is clase
    }


def anotar(
    cifras: Cifras,
    plazos: Plazos,
    de: str,
    dichas: Iterable[Dicha],
    signo: int = 1,
) -> None:
    """Add to the figures what some rows say."""
    for dicha in dichas:
        suman = sumandos(de, dicha)
        suyos: list[Casilla | CasillaDeCodigo] = [*casillas(dicha)]
        suyos += casillas_de_codigos(dicha)
        for casilla in suyos:
            suyas = cifras[casilla]
            for campo, suma in suman.items():
                suyas[campo] += signo * suma
            if dicha.plazo is not None:
                plazos[casilla, dicha.plazo] += signo


def _guardar(de: Medible, claves: Collection[int]) -> tuple[dict[int, Dicha], dict[int, Dicha]]:
    """Keep what some rows say; gives it, and what was kept before, of those that changed."""
    leidas = {pk: dicha for pk, (_id, dicha) in de.leer(pk__in=claves).items() if dicha}
    antes = medidas(de, fila__in=claves)
    cambian = {pk for pk in claves if leidas.get(pk) != antes.get(pk)}
    ahora = {pk: dicha for pk, dicha in sorted(leidas.items()) if pk in cambian}
    antes = {pk: dicha for pk, dicha in antes.items() if pk in cambian}
    if antes:
        Medida.objects.filter(de=de.nombre, fila__in=antes).delete()
    insertar_todas([
        Medida(de=de.nombre, fila=pk, **dicha._asdict()) for pk, dicha in ahora.items()
    ])  # fmt: skip
    return ahora, antes


def medidas(de: Medible, **cuales: Any) -> dict[int, Dicha]:
    """What the figures hold of some rows."""
    filas = Medida.objects.filter(de=de.nombre, **cuales).values_list("fila", *_EN_MEDIDA)
    return {fila: Dicha(*dicha) for fila, *dicha in filas}


def a_medias() -> bool:
    """Whether the figures are being made anew: until it ends nobody reads them."""
    return Remedicion.objects.exists()


def sumar_todo() -> None:
    """Make the figures anew from what they hold of each row, with the turn taken."""
    for _clase, cifra, plazo in TABLAS:
        for modelo in (cifra, plazo):
            modelo._default_manager.all()._raw_delete(using="default")
    for grano in Grano.values:
        for campana in ("0", "campana"):
            for afiliado in ("0", "afiliado"):
                _sumar(grano, {"campana": campana, "afiliado": afiliado}, Cifra, Plazo)
        for tipo, codigo in ((TipoCodigo.CUPON, "cupon"), (TipoCodigo.ENLACE, "enlace")):
            de = {
                "tipo": f"'{tipo.value}'", "codigo": codigo, "campana": "campana",
                "afiliado": "afiliado",
            }  # fmt: skip
            _sumar(grano, de, CifraDeCodigo, PlazoDeCodigo, f"{codigo} <> ''")


def _sumar(
    grano: str,
    de: dict[str, str],
    cifra: type[Model],
    plazo: type[Model],
    cuales: str = "1 = 1",
) -> None:
    """The figures of a kind, inside the database: nothing travels. ``de`` is what names them, as
    it is read of each row."""
    mes = (
        "DATE_FORMAT(dia, '%%Y-%%m-01')"
        if connection.vendor == "mysql"
        else "date(dia, 'start of month')"
    )
    desde = mes if grano == Grano.MES else "dia"
    grupo = [columna for columna in de.values() if columna.isidentifier()]
    grupo += [desde, "canal", "moneda"]
    de_venta, nombre = f"de = '{VENTAS.nombre}'", connection.ops.quote_name
    sumas = [
        f"SUM({de_venta})",
        f"SUM(CASE WHEN {de_venta} THEN importe ELSE 0 END)",
        f"SUM(CASE WHEN {de_venta} THEN quitado ELSE 0 END)",
        *(
            f"SUM(CASE WHEN NOT {de_venta} AND estado = '{e}' THEN importe ELSE 0 END)"
            for e in ESTADOS
        ),
        f"SUM(CASE WHEN {de_venta} THEN 0 ELSE quitado END)",
    ]
    llave = ", ".join([*de, "grano", "desde", "canal", "moneda"])
    valores = f"{', '.join(de.values())}, %s, {desde}, canal, moneda"
    tabla, juntos = nombre(Medida._meta.db_table), ", ".join(grupo)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {nombre(cifra._meta.db_table)} ({llave}, {', '.join(SUMAN)})"  # noqa: S608
            f" SELECT {valores}, {', '.join(sumas)} FROM {tabla} WHERE {cuales} GROUP BY {juntos}",
            [grano],
        )
        cursor.execute(
            f"INSERT INTO {nombre(plazo._meta.db_table)} ({llave}, horas, cuantas)"  # noqa: S608
            f" SELECT {valores}, plazo, COUNT(*) FROM {tabla}"
            f" WHERE plazo IS NOT NULL AND {cuales} GROUP BY {juntos}, plazo",
            [grano],
        )
