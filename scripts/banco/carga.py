"""HTTP load: several connections that ask one after another for some seconds."""

from __future__ import annotations

import http.client
import multiprocessing
import ssl
import threading
import time
from collections.abc import Callable, Collection
from typing import Any

from banco.informe import resumen_ms

PROCESOS, HILOS = 2, 4


def conectar(puerto: int, tls: ssl.SSLContext | None = None) -> http.client.HTTPConnection:
    """A connection that is not open yet."""
    if tls is None:
        return http.client.HTTPConnection("127.0.0.1", puerto, timeout=60)
    # A proxy knows its sites by their names.
    return http.client.HTTPSConnection("localhost", puerto, timeout=60, context=tls)


def _martillar(
    puerto: int,
    ruta: str,
    clave: str,
    cuerpo: Callable[[str], str] | None,
    tls: ssl.SSLContext | None,
    nombre: str,
    hasta: float,
    salida: list[Any],
) -> None:
    conexion = conectar(puerto, tls)
    cabeceras = {"Authorization": f"Bearer {clave}", "Content-Type": "application/json"}
    n = 0
    while time.time() < hasta:
        n += 1
        datos = cuerpo(f"{nombre}-{n}") if cuerpo else None
        inicio = time.perf_counter()
        conexion.request("POST" if cuerpo else "GET", ruta, datos, cabeceras)
        respuesta = conexion.getresponse()
        respuesta.read()
        salida.append((respuesta.status, time.perf_counter() - inicio))


def _proceso(cola: Any, quien: int, hasta: float, *peticion: Any) -> None:
    salida: list[Any] = []
    hilos = [
        threading.Thread(
            target=_martillar,
            args=(*peticion, f"medida-{quien}-{hilo}-{hasta}", hasta, salida),
        )
        for hilo in range(HILOS)
    ]
    for hilo in hilos:
        hilo.start()
    for hilo in hilos:
        hilo.join()
    cola.put(salida)


def medir(
    puerto: int,
    ruta: str,
    clave: str,
    cuerpo: Callable[[str], str] | None,
    segundos: float,
    tls: ssl.SSLContext | None = None,
) -> dict[str, Any]:
    """Post for some seconds; ``cuerpo`` makes a body from a name that never repeats. Without it,
    get.

    Only answers 200 and 201 count as done.
    """
    cola: Any = multiprocessing.Queue()
    inicio = time.time()
    procesos = [
        multiprocessing.Process(
            target=_proceso,
            args=(cola, quien, inicio + segundos, puerto, ruta, clave, cuerpo, tls),
        )
        for quien in range(PROCESOS)
    ]
    for proceso in procesos:
        proceso.start()
    respuestas = [fila for _ in procesos for fila in cola.get()]
    for proceso in procesos:
        proceso.join()
    duracion = time.time() - inicio
    estados = {s: sum(1 for estado, _t in respuestas if estado == s) for s, _t in respuestas}
    return {
        "por_segundo": round((estados.get(200, 0) + estados.get(201, 0)) / duracion, 1),
        "estados": estados,
        **resumen_ms(t for _s, t in respuestas),
    }


def mediana(vueltas: list[dict[str, Any]]) -> dict[str, Any]:
    """The middle one of several runs, by requests per second."""
    return sorted(vueltas, key=lambda v: v["por_segundo"])[len(vueltas) // 2]


def esperar_http(
    puerto: int, ruta: str, segundos: float = 60, estados: Collection[int] = (200,)
) -> None:
    """Wait until an address answers 200, or what it is told; raises TimeoutError."""
    limite = time.monotonic() + segundos
    while time.monotonic() < limite:
        conexion = http.client.HTTPConnection("127.0.0.1", puerto, timeout=2)
        try:
            conexion.request("GET", ruta)
            if conexion.getresponse().status in estados:
                return
        except OSError:
            pass
        finally:
            conexion.close()
        time.sleep(0.2)
    raise TimeoutError(f"http://127.0.0.1:{puerto}{ruta}")
