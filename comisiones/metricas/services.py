"""Measuring: what some rows add to the figures now, instead of what they added before.

As with the counters, it looks at the rows and not at what an event says of them, with the turn
taken: events in any order, one that comes twice and measuring everything anew end in the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import connection

from alpespartner.comun.db.insercion import insertar_todas
from alpespartner.comun.db.sumas import en_columnas, sumar_en
from alpespartner.comun.granos import DIAS_Y_MESES, TODOS, Grano
from alpespartner.comun.turnos import tomar
from comisiones.metricas.horas import escritos, leidos
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
    Remedicion,
    TipoCodigo,
)

_TURNO = "metricas"
SUMAN = ("conversiones", "valor", "devuelto", *ESTADOS, "ajustado")
_EN_MEDIDA = ("dia", "campana", "afiliado", "canal", "moneda", "estado", "importe", "quitado",
              "plazo", "cupon", "enlace")  # fmt: skip
_POR_SENTENCIA = 500
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
        sumar_en(Cifra, Casilla._fields, SUMAN, de_clase(cifras, Casilla))
        sumar_en(Plazo, (*Casilla._fields, "horas"), ("cuantas",), plazos_de_todo(plazos))
        _sumar_codigos(de_clase(cifras, CasillaDeCodigo), plazos_de_codigos(plazos))


def _sumar_codigos(
    cifras: dict[tuple[Any, ...], list[int]], plazos: dict[tuple[Any, ...], dict[int, int]]
) -> None:
    """How long approvals took is read first, where it changes: the turn is taken."""
    llave, cambian = CasillaDeCodigo._fields, [clave for clave, suyos in plazos.items() if suyos]
    sumar_en(CifraDeCodigo, llave, SUMAN, {k: v for k, v in cifras.items() if not plazos.get(k)})
    for inicio in range(0, len(cambian), _POR_SENTENCIA):
        unas = cambian[inicio : inicio + _POR_SENTENCIA]
        dicen = _plazos_que_dicen(unas)
        nuevos: dict[tuple[Any, ...], list[Any]] = {}
        for clave in unas:
            juntos = leidos([dicen.get(clave, "")])
            for horas, cuantas in plazos[clave].items():
                juntos[horas] = juntos.get(horas, 0) + cuantas
            nuevos[clave] = [*cifras[clave], escritos(juntos)]
        sumar_en(CifraDeCodigo, llave, SUMAN, nuevos, ponen=("plazos",))


def _plazos_que_dicen(claves: Sequence[tuple[Any, ...]]) -> dict[tuple[Any, ...], str]:
    nombre, llave = connection.ops.quote_name, CasillaDeCodigo._fields
    columnas = ", ".join(map(nombre, llave))
    una = f"({', '.join(['%s'] * len(llave))})"
    filas = "VALUES " if connection.vendor == "sqlite" else ""
    filas += ", ".join([una] * len(claves))
    campo = CifraDeCodigo._meta.get_field("desde")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columnas}, {nombre('plazos')}"  # noqa: S608
            f" FROM {nombre(CifraDeCodigo._meta.db_table)} WHERE ({columnas}) IN ({filas})",
            [valor for clave in claves for valor in en_columnas(clave)],
        )
        return {
            CasillaDeCodigo(*suya)._replace(desde=campo.to_python(suya[5])): plazos
            for *suya, plazos in cursor.fetchall()
        }


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


def plazos_de_todo(plazos: Plazos) -> dict[tuple[Any, ...], list[int]]:
    """How long approvals took, of those that are not of codes: a row for each hours."""
    return {
        (*casilla, horas): [cuantas]
        for (casilla, horas), cuantas in plazos.items()
        if isinstance(casilla, Casilla)
    }


def plazos_de_codigos(plazos: Plazos) -> dict[tuple[Any, ...], dict[int, int]]:
    """The same of those of codes: how many there are of each hours, by what names the figures."""
    suyos: dict[tuple[Any, ...], dict[int, int]] = defaultdict(dict)
    for (casilla, horas), cuantas in plazos.items():
        if cuantas and isinstance(casilla, CasillaDeCodigo):
            suyos[tuple(casilla)][horas] = cuantas
    return suyos


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
    for modelo in (Cifra, Plazo, CifraDeCodigo):
        modelo._default_manager.all()._raw_delete(using="default")
    for grano in DIAS_Y_MESES:
        for campana in ("0", "campana"):
            for afiliado in ("0", "afiliado"):
                _sumar(grano, {"campana": campana, "afiliado": afiliado})
    for grano in TODOS:
        for tipo, codigo in ((TipoCodigo.CUPON, "cupon"), (TipoCodigo.ENLACE, "enlace")):
            de = {
                "tipo": f"'{tipo.value}'", "codigo": codigo, "campana": "campana",
                "afiliado": "afiliado",
            }  # fmt: skip
            _sumar(grano, de, codigo)


def _sumar(grano: Grano, de: dict[str, str], codigo: str = "") -> None:
    """The figures of a kind, inside the database: nothing travels. ``de`` is what names them, as
    it is read of each row; of a code, of the rows that have one."""
    grupo = ", ".join([c for c in de.values() if c.isidentifier()] + ["desde", "canal", "moneda"])
    llave = ", ".join([*de, "grano", "desde", "canal", "moneda"])
    valores = f"{', '.join(de.values())}, %s, desde, canal, moneda"
    nombre, sumas = connection.ops.quote_name, _sumas()
    cuales = f"{codigo} <> ''" if codigo else "1 = 1"
    filas = (
        f"(SELECT {_COMIENZOS[connection.vendor][grano]} AS desde, m.*"  # noqa: S608
        f" FROM {nombre(Medida._meta.db_table)} m WHERE {cuales}) f"
    )
    # A row of each hours, and of what has none: added up again, with the hours written together.
    por_plazo = (
        f"(SELECT {grupo}, plazo, SUM(plazo IS NOT NULL) AS cuantas,"  # noqa: S608
        f" {', '.join(f'SUM({suma}) AS {campo}' for campo, suma in sumas.items())}"
        f" FROM {filas} GROUP BY {grupo}, plazo ORDER BY {grupo}, plazo) p"
    )
    with connection.cursor() as cursor:
        if codigo:
            cursor.execute(
                f"INSERT /*+ SET_VAR(group_concat_max_len = 1073741824) */"  # noqa: S608
                f" INTO {nombre(CifraDeCodigo._meta.db_table)}"
                f" ({llave}, {', '.join(SUMAN)}, plazos)"
                f" SELECT {valores}, {', '.join(f'SUM({campo})' for campo in SUMAN)},"
                f" COALESCE({_JUNTOS[connection.vendor]}, '')"
                f" FROM {por_plazo} GROUP BY {grupo}",
                [grano.value],
            )
            return
        cursor.execute(
            f"INSERT INTO {nombre(Cifra._meta.db_table)} ({llave}, {', '.join(SUMAN)})"  # noqa: S608
            f" SELECT {valores}, {', '.join(f'SUM({suma})' for suma in sumas.values())}"
            f" FROM {filas} GROUP BY {grupo}",
            [grano.value],
        )
        cursor.execute(
            f"INSERT INTO {nombre(Plazo._meta.db_table)} ({llave}, horas, cuantas)"  # noqa: S608
            f" SELECT {valores}, plazo, COUNT(*) FROM {filas}"
            f" WHERE plazo IS NOT NULL GROUP BY {grupo}, plazo",
            [grano.value],
        )


def _sumas() -> dict[str, str]:
    """What each row adds to each sum, in SQL, as ``sumandos``."""
    de_venta = f"de = '{VENTAS.nombre}'"
    return {
        "conversiones": f"CASE WHEN {de_venta} THEN 1 ELSE 0 END",
        "valor": f"CASE WHEN {de_venta} THEN importe ELSE 0 END",
        "devuelto": f"CASE WHEN {de_venta} THEN quitado ELSE 0 END",
        **{
            e: f"CASE WHEN NOT {de_venta} AND estado = '{e}' THEN importe ELSE 0 END"
            for e in ESTADOS
        },
        "ajustado": f"CASE WHEN {de_venta} THEN 0 ELSE quitado END",
    }


# The first day of the stretch that the day of a row is in.
_COMIENZOS = {
    "mysql": {
        Grano.DIA: "dia",
        Grano.MES: "DATE_FORMAT(dia, '%%Y-%%m-01')",
        Grano.TRIMESTRE: "MAKEDATE(YEAR(dia), 1) + INTERVAL QUARTER(dia) - 1 QUARTER",
        Grano.ANO: "MAKEDATE(YEAR(dia), 1)",
    },
    "sqlite": {
        Grano.DIA: "dia",
        Grano.MES: "date(dia, 'start of month')",
        Grano.TRIMESTRE: "date(dia, 'start of month',"
        " '-' || ((strftime('%%m', dia) - 1) %% 3) || ' months')",
        Grano.ANO: "date(dia, 'start of year')",
    },
}
# ``horas.escritos``. SQLite takes them in the order in which they come.
_JUNTOS = {
    "mysql": "GROUP_CONCAT(IF(cuantas > 0, CONCAT(plazo, ',', cuantas), NULL) ORDER BY plazo)",
    "sqlite": "group_concat(CASE WHEN cuantas > 0 THEN plazo || ',' || cuantas END)",
}
