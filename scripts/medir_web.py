#!/usr/bin/env python
"""Measure POST /commissions/calculate on a group of its own: requests per second and memory.

Eight connections post different conversions for some seconds, with the relay, the consumers and
the task worker running beside the web server. Prints one JSON document.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import os
import platform
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

RAIZ = Path(__file__).resolve().parent.parent
PROCESOS, HILOS = 2, 4


def _martillar(
    puerto: int, clave: str, afiliado: str, nombre: str, hasta: float, salida: list[Any]
) -> None:
    conexion = http.client.HTTPConnection("127.0.0.1", puerto, timeout=60)
    cabeceras = {"Authorization": f"Bearer {clave}", "Content-Type": "application/json"}
    n = 0
    while time.time() < hasta:
        n += 1
        cuerpo = json.dumps(
            {
                "conversionId": f"{nombre}-{n}",
                "affiliateId": afiliado,
                "grossAmount": "129.90",
                "currency": "USD",
            }
        )
        inicio = time.perf_counter()
        conexion.request("POST", "/commissions/calculate", cuerpo, cabeceras)
        respuesta = conexion.getresponse()
        respuesta.read()
        salida.append((respuesta.status, time.perf_counter() - inicio))


def _proceso(puerto: int, clave: str, afiliado: str, quien: int, hasta: float, cola: Any) -> None:
    salida: list[Any] = []
    hilos = [
        threading.Thread(
            target=_martillar,
            args=(puerto, clave, afiliado, f"medida-{quien}-{h}-{hasta}", hasta, salida),
        )
        for h in range(HILOS)
    ]
    for hilo in hilos:
        hilo.start()
    for hilo in hilos:
        hilo.join()
    cola.put(salida)


def _medir(puerto: int, ids: dict[str, Any], segundos: float) -> dict[str, Any]:
    cola: Any = multiprocessing.Queue()
    inicio = time.time()
    procesos = [
        multiprocessing.Process(
            target=_proceso,
            args=(
                puerto,
                ids["claves"]["integracion"],
                ids["afiliados"][0],
                quien,
                inicio + segundos,
                cola,
            ),
        )
        for quien in range(PROCESOS)
    ]
    for proceso in procesos:
        proceso.start()
    respuestas = [fila for _ in procesos for fila in cola.get()]
    for proceso in procesos:
        proceso.join()
    duracion = time.time() - inicio
    tiempos = sorted(t for _s, t in respuestas)
    estados = {s: sum(1 for estado, _t in respuestas if estado == s) for s, _t in respuestas}
    return {
        "por_segundo": round(estados.get(201, 0) / duracion, 1),
        "estados": estados,
        "p50_ms": round(tiempos[len(tiempos) // 2] * 1000, 1),
        "p99_ms": round(tiempos[int(len(tiempos) * 0.99)] * 1000, 1),
    }


def _memoria_mib(pid: int) -> float:
    """Proportional memory (PSS) of a process and all its descendants."""
    hijos: dict[int, list[int]] = {}
    for ruta in Path("/proc").glob("[0-9]*/stat"):
        try:
            campos = ruta.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        hijos.setdefault(int(campos[1]), []).append(int(ruta.parent.name))
    total, pendientes = 0, [pid]
    while pendientes:
        uno = pendientes.pop()
        pendientes += hijos.get(uno, [])
        try:
            for linea in Path(f"/proc/{uno}/smaps_rollup").read_text().splitlines():
                if linea.startswith("Pss:"):
                    total += int(linea.split()[1])
        except OSError:
            continue
    return round(total / 1024, 1)


def main() -> None:
    """Start the group in a temporary directory, measure and stop it."""
    opciones = argparse.ArgumentParser(description=__doc__)
    opciones.add_argument("--segundos", type=float, default=10)
    opciones.add_argument("--vueltas", type=int, default=3)
    opciones.add_argument("--puerto", type=int, default=8077)
    args = opciones.parse_args()
    with tempfile.TemporaryDirectory() as carpeta:
        archivo = Path(carpeta) / "ids.json"
        entorno = {
            **os.environ,
            "ALPES_DEMO": "1",
            "ALPES_DATOS": carpeta,
            "ALPES_DEMO_ARCHIVO": str(archivo),
        }
        grupo = subprocess.Popen(  # noqa: S603 - our own command line
            [sys.executable, "manage.py", "servir", "--puerto", str(args.puerto)],
            cwd=RAIZ,
            env=entorno,
        )
        try:
            limite = time.time() + 60
            while time.time() < limite:
                try:
                    conexion = http.client.HTTPConnection("127.0.0.1", args.puerto, timeout=1)
                    conexion.request("GET", "/health")
                    if conexion.getresponse().status == 200:
                        break
                except OSError:
                    time.sleep(0.2)
            ids = json.loads(archivo.read_text())
            _medir(args.puerto, ids, 2)
            vueltas = [_medir(args.puerto, ids, args.segundos) for _ in range(args.vueltas)]
            memoria = _memoria_mib(grupo.pid)
        finally:
            grupo.send_signal(signal.SIGINT)
            grupo.wait(30)
    vueltas.sort(key=lambda v: v["por_segundo"])
    informe = {
        "maquina": f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPU",
        "conexiones": PROCESOS * HILOS,
        "mediana": vueltas[len(vueltas) // 2],
        "vueltas": vueltas,
        "memoria_mib": memoria,
    }
    print(json.dumps(informe, indent=2))


if __name__ == "__main__":
    main()
