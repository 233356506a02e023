"""Making the figures anew from what they hold of each row, inside the database: nothing travels.

What was measured is added up once, by day, in a table of this connection with a row for each hours
that approvals took. Months are made of those days, quarters of months and years of quarters, and
what is of all campaigns or affiliates of what each of them has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from django.db import connection

from alpespartner.comun.granos import TODOS, Grano
from comisiones.metricas.medidas import ESTADOS, VENTAS
from comisiones.metricas.models import Cifra, CifraDeCodigo, DeTramo, Medida, TipoCodigo
from comisiones.metricas.services import SUMAN

_QUIEN = ("campana", "afiliado")
_CODIGOS = ((TipoCodigo.CUPON, "cupon"), (TipoCodigo.ENLACE, "enlace"))


def sumar_todo() -> None:
    """Add everything up anew, in the caller's transaction, with the turn taken: what is as it was
    is not written."""
    for grano, tabla in _por_tramo("figuras", _QUIEN, _medidas()):
        _escribir(Cifra, tabla, {"grano": f"'{grano.value}'"})
        campanas, afiliados, todas = (f"{tabla}_{de}" for de in ("campanas", "afiliados", "todas"))
        for suya, quien, de in (
            (afiliados, ("afiliado",), tabla), (campanas, ("campana",), tabla),
            (todas, (), campanas),
        ):  # fmt: skip
            _juntar(suya, quien, f"SELECT * FROM {de}")  # noqa: S608
            # Of all is 0.
            de_todas = {campo: "0" for campo in _QUIEN if campo not in quien}
            _escribir(Cifra, suya, {"grano": f"'{grano.value}'", **de_todas})
        for suya in (campanas, afiliados, todas):
            _tirar(suya)
    for tipo, codigo in _CODIGOS:
        de_cada = ("codigo", *_QUIEN)
        for grano, tabla in _por_tramo("figuras_de_codigo", de_cada, _medidas(codigo)):
            fijas = {"tipo": f"'{tipo.value}'", "grano": f"'{grano.value}'"}
            _escribir(CifraDeCodigo, tabla, fijas)


def _por_tramo(nombre: str, quien: Sequence[str], medidas: str) -> Iterator[tuple[Grano, str]]:
    """Each kind of stretch, from the shortest, with a table of what its stretches have."""
    filas, antes = medidas, ""
    for grano in TODOS:
        tabla = f"{nombre}_{grano.value}"
        _juntar(tabla, quien, filas, _COMIENZOS[connection.vendor][grano])
        if antes:
            _tirar(antes)
        yield grano, tabla
        filas, antes = f"SELECT * FROM {tabla}", tabla  # noqa: S608
    _tirar(antes)


def _medidas(codigo: str = "") -> str:
    """What was measured of each row, or of those that came with a code, as SQL."""
    de, de_venta = connection.ops.quote_name(Medida._meta.db_table), f"de = '{VENTAS.nombre}'"
    # As ``sumandos``.
    sumas = {
        "conversiones": f"CASE WHEN {de_venta} THEN 1 ELSE 0 END",
        "valor": f"CASE WHEN {de_venta} THEN importe ELSE 0 END",
        "devuelto": f"CASE WHEN {de_venta} THEN quitado ELSE 0 END",
        **{
            e: f"CASE WHEN NOT {de_venta} AND estado = '{e}' THEN importe ELSE 0 END"
            for e in ESTADOS
        },
        "ajustado": f"CASE WHEN {de_venta} THEN 0 ELSE quitado END",
    }
    con_codigo = f" WHERE {codigo} <> ''" if codigo else ""
    return (
        f"SELECT {f'{codigo} AS codigo,' if codigo else ''} campana, afiliado, canal,"  # noqa: S608
        f" moneda, dia AS desde, plazo, plazo IS NOT NULL AS cuantas,"
        f" {', '.join(f'{suma} AS {campo}' for campo, suma in sumas.items())}"
        f" FROM {de}{con_codigo}"
    )


def _juntar(tabla: str, quien: Sequence[str], filas: str, comienzo: str = "desde") -> None:
    """Make a table of what some rows add up to: of whom, in each stretch, by hours."""
    grupo = ", ".join(("comienzo", *quien, "canal", "moneda", "plazo"))
    sumas = ", ".join(f"CAST(SUM({campo}) AS SIGNED) AS {campo}" for campo in ("cuantas", *SUMAN))
    _tirar(tabla)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE {tabla} AS"  # noqa: S608
            f" SELECT {grupo.replace('comienzo', 'comienzo AS desde', 1)}, {sumas}"
            f" FROM (SELECT {comienzo} AS comienzo, f.* FROM ({filas}) f) g GROUP BY {grupo}"
        )


def _tirar(tabla: str) -> None:
    """One that failed may have left it to its connection."""
    de = "TABLE IF EXISTS temp." if connection.vendor == "sqlite" else "TEMPORARY TABLE IF EXISTS "
    with connection.cursor() as cursor:
        cursor.execute(f"DROP {de}{tabla}")


def _escribir(modelo: type[DeTramo], tabla: str, fijas: Mapping[str, str]) -> None:
    """Leave in the figures whose key has those values what a table has of them: of all hours added
    up, with the hours together."""
    suya, dicen = connection.ops.quote_name(modelo._meta.db_table), (*SUMAN, "plazos")
    llave = [campo.name for campo in modelo._meta.pk_fields if campo.name not in fijas]
    grupo = ", ".join(llave)
    iguales = " AND ".join(
        [f"c.{campo} = {valor}" for campo, valor in fijas.items()]
        + [f"c.{campo} = n.{campo}" for campo in llave]
    )
    distintas = " OR ".join(f"c.{campo} <> n.{campo}" for campo in dicen)
    # Of each, not of all.
    de_ahora = [f"c.{campo} = {valor}" for campo, valor in fijas.items()]
    de_ahora += [f"c.{campo} <> 0" for campo in _QUIEN if campo in llave]
    es_mysql = connection.vendor == "mysql"
    _tirar("nuevas")
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE nuevas"  # noqa: S608
            f" {f'(PRIMARY KEY ({grupo}))' if es_mysql else ''} AS"
            f" SELECT /*+ SET_VAR(group_concat_max_len = 1073741824) */ {grupo},"
            f" {', '.join(f'CAST(SUM({campo}) AS SIGNED) AS {campo}' for campo in SUMAN)},"
            f" COALESCE({_JUNTOS[connection.vendor]}, '') AS plazos"
            f" FROM (SELECT * FROM {tabla} ORDER BY {grupo}, plazo) p GROUP BY {grupo}"
        )
        cursor.execute(
            f"INSERT INTO {suya} ({', '.join((*fijas, *llave, *dicen))})"  # noqa: S608
            f" SELECT {', '.join((*fijas.values(), *(f'n.{c}' for c in (*llave, *dicen))))}"
            f" FROM nuevas n LEFT JOIN {suya} c ON {iguales}"
            f" WHERE c.desde IS NULL OR {distintas}"
            + (" ON DUPLICATE KEY UPDATE " if es_mysql else " ON CONFLICT DO UPDATE SET ")
            + ", ".join(f"{c} = {_NUEVO[connection.vendor] % c}" for c in dicen)
        )
        cursor.execute(
            f"DELETE FROM {suya} AS c WHERE {' AND '.join(de_ahora)}"  # noqa: S608
            f" AND NOT EXISTS (SELECT 1 FROM nuevas n WHERE {iguales})"
        )
    _tirar("nuevas")


_NUEVO = {"mysql": "VALUES(%s)", "sqlite": "excluded.%s"}
# The first day of the stretch that a day is in.
_COMIENZOS = {
    "mysql": {
        Grano.DIA: "desde",
        Grano.MES: "CAST(DATE_FORMAT(desde, '%Y-%m-01') AS DATE)",
        Grano.TRIMESTRE: "MAKEDATE(YEAR(desde), 1) + INTERVAL QUARTER(desde) - 1 QUARTER",
        Grano.ANO: "MAKEDATE(YEAR(desde), 1)",
    },
    "sqlite": {
        Grano.DIA: "desde",
        Grano.MES: "date(desde, 'start of month')",
        Grano.TRIMESTRE: "date(desde, 'start of month',"
        " '-' || ((strftime('%m', desde) - 1) % 3) || ' months')",
        Grano.ANO: "date(desde, 'start of year')",
    },
}
# ``horas.escritos``. SQLite takes them in the order in which they come.
_JUNTOS = {
    "mysql": "GROUP_CONCAT(IF(cuantas > 0, CONCAT(plazo, ',', cuantas), NULL) ORDER BY plazo)",
    "sqlite": "group_concat(CASE WHEN cuantas > 0 THEN plazo || ',' || cuantas END)",
}
