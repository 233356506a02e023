"""Many clicks in MySQL, and what a customer's candidates cost among them."""

from __future__ import annotations

import statistics
import sys
import time
from datetime import timedelta
from typing import Any

from banco import informe

OBJETIVO_MS = 5
_POR_VISITANTE = 4
_BASE = 20_000


def sembrar(cuantos: int, en: list[Any], *, segundos: float) -> dict[str, Any]:
    """Add clicks of some links, four for each visitor, all over thirty days and far from each other
    in the table, until there are ``cuantos`` or the time is over.

    Some are made here, and the database copies them: a copy is one statement of 20,000 rows, whose
    keys come after those of the copy before it in every index.
    """
    from django.db.models import Max, Min

    from conversiones.rastreo.models import Clic

    inicio = time.monotonic()
    antes = Clic.objects.aggregate(ultima=Max("pk"))["ultima"] or 0
    base = min(cuantos, _BASE)
    _hacer(base, en)
    # What the database copied before left numbers out.
    suyas = Clic.objects.filter(pk__gt=antes).aggregate(desde=Min("pk"), hasta=Max("pk"))
    hechas = 1
    if cuantos > base:
        # What is copied was looked at once.
        _sin_mirar(True)
    for copia in range(1, cuantos // base):
        if time.monotonic() - inicio > segundos:
            break
        _copiar(suyas["desde"], suyas["hasta"], copia)
        hechas += 1
        if copia % 50 == 0:
            print(f"{hechas * base} clics…", file=sys.stderr, flush=True)
    if cuantos > base:
        _sin_mirar(False)
    pasados = time.monotonic() - inicio
    return {
        "clics": hechas * base,
        "segundos": round(pasados, 1),
        "por_segundo": round(hechas * base / pasados),
    }


def _sin_mirar(si: bool) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"SET foreign_key_checks = {int(not si)}, unique_checks = {int(not si)}")


def _hacer(base: int, en: list[Any]) -> None:
    from django.utils import timezone

    from alpespartner.comun.db.insercion import insertar_todas
    from alpespartner.comun.identificadores import nuevo_id
    from conversiones.rastreo.models import Clic

    ahora = timezone.now() - timedelta(days=1)
    de_cada = max(1, base // _POR_VISITANTE)
    visitantes: list[str] = []
    filas = []
    for n in range(base):
        suyo = en[n % len(en)]
        clic = nuevo_id("clic")
        if n < de_cada:
            visitantes.append(clic)
        filas.append(Clic(
            id_publico=clic, enlace_id=suyo.pk, afiliado_id=suyo.afiliado_id,
            campana_id=suyo.campana_id, visitante=visitantes[n % de_cada], consentimiento=True,
            unico=True, momento=ahora - timedelta(days=28) * (1 - n / base), visita=f"{n:032x}",
            ip_riesgo=f"{n // 8:032x}",
        ))  # fmt: skip
    insertar_todas(filas)


def _copiar(desde: int, hasta: int, copia: int) -> None:
    """The clicks with those keys once more: of other visitors, some seconds before."""
    from django.db import connection

    from conversiones.rastreo.models import Clic

    tabla = Clic._meta.db_table
    # The number of the copy instead of the years of an id, which are the same in all of them.
    otro = f"CONCAT(LEFT({{0}}, 5), LPAD(HEX({copia}), 6, '0'), RIGHT({{0}}, 20))"
    huella = f"CONCAT(LPAD(HEX({copia}), 9, '0'), RIGHT({{0}}, 23))"
    de = {
        "id_publico": otro.format("id_publico"),
        "visitante": otro.format("visitante"),
        "momento": f"momento - INTERVAL {copia} SECOND",
        "visita": huella.format("visita"),
        "ip_riesgo": huella.format("ip_riesgo"),
    }
    columnas = [str(c.column) for c in Clic._meta.local_concrete_fields if not c.primary_key]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {tabla} ({', '.join(columnas)})"  # noqa: S608
            f" SELECT {', '.join(de.get(c, c) for c in columnas)} FROM {tabla}"
            " WHERE id BETWEEN %s AND %s",
            [desde, hasta],
        )


def medir_candidatas(veces: int) -> dict[str, Any]:
    """What a customer's candidates cost: the click that is named, and those of its visitor; of
    customers all over the table, once for each, and then of the same ones again."""
    from django.db import connection
    from django.db.models import Max
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from conversiones.campanas.models import Campana
    from conversiones.rastreo.models import Clic
    from conversiones.rastreo.selectors import leer_clic

    hay = Clic.objects.aggregate(ultima=Max("pk"))["ultima"] or 0
    campanas = Campana.objects.in_bulk()
    ahora = timezone.now()
    unas = [
        Clic.objects.filter(pk__gte=1 + hay * n // veces).order_by("pk")[0] for n in range(veces)
    ]
    cuantas: list[int] = []

    def pedir(una: Any) -> float:
        inicio = time.perf_counter()
        leido = leer_clic(una.id_publico, ahora)
        suyos = leido.del_tramo(campanas[una.campana_id], ahora - timedelta(days=30), ahora)
        cuantas.append(len(suyos))
        return time.perf_counter() - inicio

    vacia = informe.resumen_ms([_nada() for _una in unas])
    antes = _leido()
    primera = informe.resumen_ms([pedir(una) for una in unas])
    leido = {nombre: round((n - antes[nombre]) / veces, 1) for nombre, n in _leido().items()}
    otra = informe.resumen_ms([pedir(una) for una in unas])
    with CaptureQueriesContext(connection) as dichas:
        pedir(unas[veces // 2])
    return {
        "clics": Clic.objects.count(),
        "de_cada_visitante": statistics.mean(cuantas),
        **primera,
        "otra_vez": otra,
        # What a trip to the database takes that asks nothing, in the same minute.
        "vacia": vacia,
        "de_cada_consulta": leido,
        "objetivo_p99": informe.objetivo(primera["p99_ms"], maximo=OBJETIVO_MS),
        "plan": _plan(dichas[-1]["sql"].rpartition(";SELECT")[2]),
    }


def _nada() -> float:
    from django.db import connection

    inicio = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchall()
    return time.perf_counter() - inicio


def _leido() -> dict[str, int]:
    """Rows that this connection has read, and pages that the database has read from its disk."""
    from django.db import connection

    if connection.vendor != "mysql":
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SHOW SESSION STATUS LIKE 'Handler_read%'")
        filas = sum(int(valor) for _nombre, valor in cursor.fetchall())
        cursor.execute("SHOW GLOBAL STATUS LIKE 'Innodb_buffer_pool_reads'")
        return {"filas": filas, "paginas_de_disco": int(cursor.fetchone()[1])}


def _plan(consulta: str) -> list[str]:
    """How the database finds the clicks of a visitor, and how many rows it looked at."""
    from django.db import connection

    if connection.vendor != "mysql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN ANALYZE SELECT{consulta}")
        return str(cursor.fetchone()[0]).splitlines()
