#!/usr/bin/env python
"""Measure what engineers ask of the API, on MySQL and Redis: events per second of the feed, read in
pages, what counting the requests of a key takes of one, and commissions read per second.

The first two are whole requests in one process, without the network: key, limits, queries and
rendering; the last, eight connections to gunicorn 2 x 4. Writes performance_report.json. Options:
--eventos, --veces, --segundos, --puerto.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

from banco import carga, informe
from banco.aprobaciones import crear_pendientes
from banco.pila import pila, preparar_django
from banco.servidor import gunicorn

PAGINA = 1_000
OBJETIVO_EVENTOS = 20_000
# Of a request, in percent.
OBJETIVO_LIMITES = 5
OBJETIVO_LECTURAS = 600
_POR_SENTENCIA = 2_000


def _llenar(cuantos: int) -> None:
    """Events such as a sale leaves, made once."""
    from django.db import transaction

    from conversiones.eventos import ConversionValidada
    from outbox.models import OutboxEvent
    from outbox.publicacion import preparar

    hay = OutboxEvent.objects.count()
    for inicio in range(hay, cuantos, _POR_SENTENCIA):
        claves = range(inicio, min(inicio + _POR_SENTENCIA, cuantos))
        with transaction.atomic():
            OutboxEvent.objects.bulk_create(
                preparar((ConversionValidada(conversion_id=f"conv_{n:026d}"), 1) for n in claves)
            )


def _al_dia() -> None:
    """Move the mark of the feed to its end: past numbers that nobody has it takes some seconds."""
    from outbox.flujo import services
    from outbox.models import OutboxEvent

    ultima = OutboxEvent.objects.latest("posicion").posicion
    while services.avanzar() < ultima:
        time.sleep(1)


def _clave(alcance: str) -> str:
    from afiliados.claves.services import crear_clave
    from alpespartner.operacion.siembra import ACTOR

    return crear_clave(nombre="Banco", titular="Banco", alcances=[alcance], actor=ACTOR)[1]


def _cliente(alcance: str) -> Callable[..., Any]:
    from django.test import Client

    cliente = Client(headers={"Authorization": f"Bearer {_clave(alcance)}"})

    def pedir(ruta: str, parametros: dict[str, str] | None = None) -> Any:
        respuesta = cliente.get(ruta, parametros, secure=True)
        if respuesta.status_code != 200:
            raise SystemExit(f"{ruta}: {respuesta.status_code} {respuesta.content[:500]!r}")
        return respuesta

    return pedir


def medir_eventos(cuantos: int, veces: int) -> dict[str, Any]:
    """Follow the feed from its beginning to its end, so many times."""
    _llenar(cuantos)
    _al_dia()
    pedir = _cliente("eventos:leer")
    vueltas, paginas, leidos, cpu = [], [], 0, time.process_time()
    for _vez in range(veces):
        empezada, leidos = time.perf_counter(), 0
        parametros, hay_mas = {"limite": str(PAGINA)}, True
        while hay_mas:
            antes = time.perf_counter()
            respuesta = pedir("/api/v1/eventos", parametros)
            paginas.append(time.perf_counter() - antes)
            cuerpo = respuesta.json()
            leidos += len(cuerpo["resultados"])
            parametros["desde"], hay_mas = cuerpo["cursor"], cuerpo["hay_mas"]
        vueltas.append(leidos / (time.perf_counter() - empezada))
    por_segundo = sorted(vueltas)[len(vueltas) // 2]
    return {
        "eventos": leidos,
        "pagina": PAGINA,
        "por_segundo": round(por_segundo),
        # Of this process: on a busy machine the rest of the time was somebody else's.
        "cpu_ms_por_mil": round((time.process_time() - cpu) / (leidos * veces) * 1_000_000, 2),
        "pagina_ms": informe.resumen_ms(paginas),
        "objetivo": informe.objetivo(por_segundo, minimo=OBJETIVO_EVENTOS),
    }


def _una_comision() -> str:
    from comisiones.comision.models import Comision

    crear_pendientes(1, 1)
    return f"/api/v1/comisiones/{Comision.objects.latest('pk').id_publico}"


def medir_lecturas(puerto: int, segundos: float, veces: int) -> dict[str, Any]:
    """One commission, over and over."""
    from django.db import connections

    ruta, clave = _una_comision(), _clave("comisiones:leer")
    connections.close_all()
    with gunicorn(puerto):
        carga.medir(puerto, ruta, clave, None, min(2, segundos))
        vueltas = [carga.medir(puerto, ruta, clave, None, segundos) for _vez in range(veces)]
    mediana = carga.mediana(vueltas)
    return {
        **mediana,
        "vueltas": [v["por_segundo"] for v in vueltas],
        "objetivo": informe.objetivo(mediana["por_segundo"], minimo=OBJETIVO_LECTURAS),
    }


def medir_limites(veces: int) -> dict[str, Any]:
    """One commission, and counting alone, by turns."""
    from django.conf import settings

    from alpespartner.comun.frecuencia import contar

    ruta = _una_comision()
    pedir = _cliente("comisiones:leer")
    uno: dict[str, list[float]] = {"comision": [], "contar": []}
    for _vez in range(veces + 1):
        antes = time.perf_counter()
        pedir(ruta)
        a_mitad = time.perf_counter()
        contar("banco", settings.API_POR_MINUTO)
        uno["comision"].append(a_mitad - antes)
        uno["contar"].append(time.perf_counter() - a_mitad)
    # The first pays for imports and connections.
    comision, cuenta = (sorted(tiempos[1:])[veces // 2] for tiempos in uno.values())
    parte = cuenta / comision * 100
    return {
        "comision_ms": round(comision * 1000, 2),
        "contar_ms": round(cuenta * 1000, 3),
        "parte_por_ciento": round(parte, 1),
        "objetivo": informe.objetivo(parte, maximo=OBJETIVO_LIMITES),
    }


def main() -> None:
    """Fill, measure, report."""
    opciones = argparse.ArgumentParser(description=__doc__)
    opciones.add_argument("--eventos", type=int, default=200_000)
    opciones.add_argument("--veces", type=int, default=3)
    opciones.add_argument("--segundos", type=float, default=8, help="de las lecturas")
    opciones.add_argument("--puerto", type=int, default=8078)
    args = opciones.parse_args()
    maquina = informe.maquina()
    with pila() as viva:
        viva.subir("mysql", "redis")
        preparar_django(viva, {"ALPES_HOSTS": "testserver,127.0.0.1"})
        flujo = medir_eventos(args.eventos, args.veces)
        limites = medir_limites(200 * args.veces)
        lecturas = medir_lecturas(args.puerto, args.segundos, args.veces)
    datos = {"flujo": flujo, "limites": limites, "lecturas": lecturas}
    informe.guardar("api", {"maquina": maquina, **datos})


if __name__ == "__main__":
    main()
