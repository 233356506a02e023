"""Measuring: what some rows add to the figures now, instead of what they added before.

As with the counters, it looks at the rows and not at what an event says of them, with the turn
taken: events in any order, one that comes twice and measuring everything anew end in the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model

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
    """Make the figures anew from what they hold of each row, with the turn taken, inside the
    database: nothing travels."""
    for modelo in (Cifra, Plazo, CifraDeCodigo):
        modelo._default_manager.all()._raw_delete(using="default")
    _sumar_dias()
    for modelo, aparte, suman in ((Cifra, (), SUMAN), (Plazo, ("horas",), ("cuantas",))):
        _juntar(modelo, aparte, suman, Grano.MES, "campana", "afiliado")
        for grano in DIAS_Y_MESES:
            for campana, afiliado in (("campana", "0"), ("0", "afiliado"), ("0", "0")):
                _juntar(modelo, aparte, suman, grano, campana, afiliado)
    for grano in TODOS:
        for tipo, codigo in ((TipoCodigo.CUPON, "cupon"), (TipoCodigo.ENLACE, "enlace")):
            _sumar_codigo(grano, tipo, codigo)


_FINA = ("campana", "afiliado", "canal", "moneda")


def _sumar_dias() -> None:
    """The figures of a day, an affiliate and a campaign: of those are all the others."""
    nombre, fina = connection.ops.quote_name, ", ".join(_FINA)
    sumas = ", ".join(f"SUM({suma})" for suma in _sumas().values())
    de, dia = nombre(Medida._meta.db_table), Grano.DIA.value
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {nombre(Cifra._meta.db_table)}"  # noqa: S608
            f" ({fina}, desde, grano, {', '.join(SUMAN)})"
            f" SELECT {fina}, dia, %s, {sumas} FROM {de} GROUP BY {fina}, dia",
            [dia],
        )
        cursor.execute(
            f"INSERT INTO {nombre(Plazo._meta.db_table)}"  # noqa: S608
            f" ({fina}, desde, grano, horas, cuantas)"
            f" SELECT {fina}, dia, %s, plazo, COUNT(*) FROM {de}"
            f" WHERE plazo IS NOT NULL GROUP BY {fina}, dia, plazo",
            [dia],
        )


def _juntar(
    modelo: type[Model],
    aparte: Sequence[str],
    suman: Sequence[str],
    grano: Grano,
    campana: str,
    afiliado: str,
) -> None:
    """The figures of a stretch of all campaigns or affiliates ("0") or of each, from those of its
    days or, of what is for each of both, of what is there of the same stretch."""
    nombre = connection.ops.quote_name
    de = Grano.DIA if (campana, afiliado) == ("campana", "afiliado") else grano
    comienzo = _COMIENZOS[connection.vendor][grano] if de is Grano.DIA else "dia"
    llave = ("canal", "moneda", *aparte)
    grupo = ", ".join([c for c in (campana, afiliado) if c != "0"] + ["comienzo", *llave])
    todas = ", ".join(("campana", "afiliado", "desde AS dia", *llave, *suman))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {nombre(modelo._meta.db_table)}"  # noqa: S608
            f" (campana, afiliado, grano, desde, {', '.join((*llave, *suman))})"
            f" SELECT {campana}, {afiliado}, %s, comienzo, {', '.join(llave)},"
            f" {', '.join(f'SUM({campo})' for campo in suman)}"
            f" FROM (SELECT {comienzo} AS comienzo, f.* FROM"
            f" (SELECT {todas} FROM {nombre(modelo._meta.db_table)}"
            f" WHERE grano = %s AND campana <> 0 AND afiliado <> 0) f) g GROUP BY {grupo}",
            [grano.value, de.value],
        )


def _sumar_codigo(grano: Grano, tipo: TipoCodigo, codigo: str) -> None:
    """The figures of each coupon or link: a row of each hours, and of what has none, added up
    again with the hours written together."""
    nombre = connection.ops.quote_name
    grupo = f"{codigo}, campana, afiliado, desde, canal, moneda"
    filas = (
        f"(SELECT {_COMIENZOS[connection.vendor][grano]} AS desde, m.*"  # noqa: S608
        f" FROM {nombre(Medida._meta.db_table)} m WHERE {codigo} <> '') f"
    )
    por_plazo = (
        f"(SELECT {grupo}, plazo, SUM(plazo IS NOT NULL) AS cuantas,"  # noqa: S608
        f" {', '.join(f'SUM({suma}) AS {campo}' for campo, suma in _sumas().items())}"
        f" FROM {filas} GROUP BY {grupo}, plazo ORDER BY {grupo}, plazo) p"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT /*+ SET_VAR(group_concat_max_len = 1073741824) */"  # noqa: S608
            f" INTO {nombre(CifraDeCodigo._meta.db_table)}"
            f" (tipo, codigo, campana, afiliado, grano, desde, canal, moneda,"
            f" {', '.join(SUMAN)}, plazos)"
            f" SELECT '{tipo.value}', {codigo}, campana, afiliado, %s, desde, canal, moneda,"
            f" {', '.join(f'SUM({campo})' for campo in SUMAN)},"
            f" COALESCE({_JUNTOS[connection.vendor]}, '')"
            f" FROM {por_plazo} GROUP BY {grupo}",
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
