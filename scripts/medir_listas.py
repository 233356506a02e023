#!/usr/bin/env python
"""Measure every list of the admin and of the API on a million sales, on MySQL, also while sales
arrive.

Each request whole in one process, without the network. What they list is found as the tests of the
lists find it. Writes performance_report.json. Options: --ventas, --campanas, --veces and
--por-segundo.
"""

from __future__ import annotations

import argparse
import gc
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from importlib import import_module
from itertools import islice
from typing import Any

from banco import informe
from banco.pila import esperar, pila, preparar_django

OBJETIVO_P50_MS, OBJETIVO_P95_MS = 150, 300
_INDICE = re.compile(r"(\w+) using (\w+)")


def clientes() -> dict[str, Any]:
    """Who asks: a superuser for the admin, and a key of the programme for the API."""
    from django.contrib.auth.models import User
    from django.test import Client

    from afiliados.claves.models import Alcance
    from afiliados.claves.services import crear_clave
    from alpespartner.operacion.siembra import ACTOR

    jefa, _nueva = User.objects.get_or_create(
        username="banco-listas", defaults={"is_staff": True, "is_superuser": True}
    )
    del_admin = Client()
    del_admin.force_login(jefa)
    clave = crear_clave(nombre="Banco", titular="Banco", alcances=Alcance.values, actor=ACTOR)[1]
    return {"/admin/": del_admin, "/": Client(headers={"Authorization": f"Bearer {clave}"})}


def direcciones(cuantas: int | None) -> list[str]:
    """Home, tabs, and each list with each of its filters and its searches; or the first of them."""
    rutas: Any = import_module("tests.listas.rutas")

    def todas() -> Iterator[str]:
        yield "/admin/"
        yield from rutas.pestanas()
        for modelo in rutas.modelos():
            yield from rutas.del_admin(modelo)
        yield from rutas.de_la_api()

    return list(dict.fromkeys(islice((url for url in todas() if "&" not in url), cuantas)))


def medir(quien: dict[str, Any], urls: Sequence[str], veces: int) -> dict[str, dict[str, Any]]:
    """Time of each address, in milliseconds; stops at one that does not answer 200."""
    medidas = {}
    for url in urls:
        cliente = next(c for prefijo, c in quien.items() if url.startswith(prefijo))
        tiempos = []
        # The first one pays for imports and for a cold cache.
        for _vez in range(veces + 1):
            antes = time.perf_counter()
            respuesta = cliente.get(url, secure=True)
            tiempos.append(time.perf_counter() - antes)
            if respuesta.status_code != 200:
                raise SystemExit(f"{url}: {respuesta.status_code}")
        orden = sorted(tiempos[1:])
        medidas[url] = {
            "p50_ms": round(informe.percentil(orden, 0.5) * 1000, 1),
            "p95_ms": round(informe.percentil(orden, 0.95) * 1000, 1),
            "bytes": len(respuesta.content),
            "indices": indices(partial(cliente.get, url, secure=True)),
        }
    return medidas


def indices(pedir: Callable[[], Any]) -> list[str]:
    """The indexes that lead to the keys of a page, as the database explains them."""
    from django.db import connection

    hallados: dict[str, None] = {}

    def mirar(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if " AS rama" in sql and connection.vendor == "mysql":
            cursor = connection.connection.cursor()
            cursor.execute("EXPLAIN FORMAT=TREE " + sql, params)
            hallados.update(dict.fromkeys(m[1] for m in _INDICE.findall(cursor.fetchone()[0])))
            cursor.close()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(mirar):
        pedir()
    return list(hallados)


def resumir(medidas: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The worst ones, and whether all are within their targets."""
    p50 = max(m["p50_ms"] for m in medidas.values())
    p95 = max(m["p95_ms"] for m in medidas.values())
    peores = sorted(medidas, key=lambda url: -medidas[url]["p50_ms"])[:10]
    return {
        "peor_p50_ms": p50,
        "peor_p95_ms": p95,
        "objetivo_p50": informe.objetivo(p50, maximo=OBJETIVO_P50_MS),
        "objetivo_p95": informe.objetivo(p95, maximo=OBJETIVO_P95_MS),
        "peores": {url: medidas[url] for url in peores},
    }


def vender(por_segundo: int, segundos: float = float("inf")) -> int:
    """Sales and their commissions at a steady pace; returns how many."""
    from afiliados.afiliado.models import Afiliado
    from alpespartner.operacion.siembra import ACTOR
    from comisiones.calculo.services import calcular_comisiones
    from conversiones.campanas.models import Campana
    from conversiones.ventas.services import NuevaConversion, registrar_conversion

    afiliados = list(Afiliado.objects.filter(estado="activo").order_by("pk")[:500])
    campana = Campana.objects.get(predeterminada=True)
    hechas, inicio = 0, time.perf_counter()
    while (pasan := time.perf_counter() - inicio) < segundos:
        if hechas > pasan * por_segundo:
            time.sleep(0.005)
            continue
        datos = NuevaConversion(
            afiliado=afiliados[hechas % len(afiliados)], campana=campana, valor=Decimal("129.90")
        )
        venta = registrar_conversion(datos=datos, actor=ACTOR)
        calcular_comisiones(conversiones_ids=[venta.id_publico], actor=ACTOR)
        hechas += 1
    return hechas


@contextmanager
def _vendiendo(por_segundo: int) -> Iterator[dict[str, float]]:
    """Another process that sells meanwhile, from its first sale on, and how much it sold a
    second."""
    from conversiones.ventas.models import Conversion

    antes = Conversion.objects.latest("pk").pk
    vendedor = subprocess.Popen(  # noqa: S603 - our own command line
        [sys.executable, __file__, "--vender", str(por_segundo)],
        env={**os.environ, "PYTHONPATH": str(informe.RAIZ)},
    )
    ritmo: dict[str, float] = {}
    try:
        esperar(lambda: Conversion.objects.latest("pk").pk > antes, "nadie vende")
        inicio = time.perf_counter()
        yield ritmo
    finally:
        vendedor.send_signal(signal.SIGTERM)
        vendedor.wait(30)
    vendidas = Conversion.objects.latest("pk").pk - antes
    ritmo["ventas_por_segundo"] = round(vendidas / (time.perf_counter() - inicio), 1)


def main() -> None:
    """Seed what is missing, measure, report."""
    opciones = argparse.ArgumentParser(description=__doc__)
    opciones.add_argument("--ventas", type=int, default=1_000_000)
    opciones.add_argument("--campanas", type=int, default=4)
    opciones.add_argument("--afiliados", type=int, default=2_000)
    opciones.add_argument("--veces", type=int, default=9)
    opciones.add_argument("--direcciones", type=int, help="solo las primeras")
    opciones.add_argument("--por-segundo", type=int, default=50)
    opciones.add_argument("--vender", type=int, help=argparse.SUPPRESS)
    dadas = opciones.parse_args()
    if dadas.vender:
        import django

        django.setup()
        vender(dadas.vender)
        return
    maquina = informe.maquina()
    with pila() as viva:
        viva.subir("mysql")
        # Who measures enters without one; the pages that it guards are the same.
        preparar_django(viva, {"ALPES_HOSTS": "testserver", "ALPES_SEGUNDO_FACTOR": "false"})
        from django.core.management import call_command

        from conversiones.ventas.models import Conversion

        siembra = 0.0
        if not Conversion.objects.exists():
            antes = time.perf_counter()
            call_command(
                "sembrar", masivo=dadas.ventas, campanas=dadas.campanas, afiliados=dadas.afiliados
            )
            siembra = round(time.perf_counter() - antes)
            call_command("sellar_libro")
        quien, urls = clientes(), direcciones(dadas.direcciones)
        # As the site that is served: what it is made of is no garbage.
        gc.collect()
        gc.freeze()
        quietas = medir(quien, urls, dadas.veces)
        with _vendiendo(dadas.por_segundo) as ritmo:
            vendiendo = medir(quien, urls, dadas.veces)
        informe.guardar(
            "listas",
            {
                "maquina": maquina,
                **viva.durabilidad(),
                "ventas": Conversion.objects.latest("pk").pk,
                "siembra_s": siembra,
                "direcciones": len(urls),
                "quietas": resumir(quietas),
                "mientras_se_vende": {**ritmo, **resumir(vendiendo)},
                "todas": quietas,
            },
        )


if __name__ == "__main__":
    main()
