#!/usr/bin/env python
"""Measure the redirect of links on MySQL with gunicorn 2 x 4: redirects per second, how soon their
clicks are in the database, what is there after kill -9 in the middle of them, and, among many
clicks, what a customer's candidates cost and what a sale that names its click costs more than one
that names its affiliate. Writes performance_report.json.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from banco import carga, clics, informe
from banco.pila import afiliados, pila, preparar_django

PROCESOS, HILOS = 2, 4
OBJETIVO_POR_SEGUNDO, OBJETIVO_P99_MS, OBJETIVO_SEGUNDOS = 1_500, 25, 2
OBJETIVO_DE_MAS = 0.10
AGENTE = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36"
_CLIC = re.compile(rb"alpes_clic=(clic_[0-9A-Z]{26})\r")


def _seguir(puerto: int, codigos: list[str], nombre: str, hasta: float, salida: list[Any]) -> None:
    """Follow links over one connection; a raw one, since the client shares the machine."""
    enchufe = socket.create_connection(("127.0.0.1", puerto), timeout=30)
    enchufe.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    n = 0
    try:
        while time.time() < hasta:
            n += 1
            peticion = (
                f"GET /r/{codigos[n % len(codigos)]}?sub1={nombre}-{n} HTTP/1.1\r\n"
                f"Host: localhost\r\nUser-Agent: {AGENTE}\r\n\r\n"
            )
            inicio = time.perf_counter()
            enchufe.sendall(peticion.encode())
            respuesta = b""
            while b"\r\n\r\n" not in respuesta:
                parte = enchufe.recv(4096)
                if not parte:
                    return
                respuesta += parte
            dado = _CLIC.search(respuesta)
            salida.append((
                int(respuesta[9:12]), time.perf_counter() - inicio, dado and dado[1].decode(),
            ))  # fmt: skip
    except OSError:
        return
    finally:
        enchufe.close()


def _proceso(cola: Any, puerto: int, codigos: list[str], quien: int, hasta: float) -> None:
    salida: list[Any] = []
    hilos = [
        threading.Thread(
            target=_seguir, args=(puerto, codigos, f"{quien}-{hilo}", hasta, salida)
        )
        for hilo in range(HILOS)
    ]  # fmt: skip
    for hilo in hilos:
        hilo.start()
    for hilo in hilos:
        hilo.join()
    cola.put(salida)


def seguir(puerto: int, codigos: list[str], segundos: float, al_medio: Any = None) -> list[Any]:
    """Status, seconds and click of every request of some seconds."""
    cola: Any = multiprocessing.Queue()
    hasta = time.time() + segundos
    procesos = [
        multiprocessing.Process(target=_proceso, args=(cola, puerto, codigos, n, hasta))
        for n in range(PROCESOS)
    ]
    for proceso in procesos:
        proceso.start()
    if al_medio is not None:
        time.sleep(segundos / 2)
        al_medio()
    filas = [fila for _ in procesos for fila in cola.get()]
    for proceso in procesos:
        proceso.join()
    return filas


@contextmanager
def _gunicorn(puerto: int, *otra: str) -> Iterator[subprocess.Popen[bytes]]:
    """The site, or another application on the same server."""
    servidor = subprocess.Popen(  # noqa: S603 - our own command line
        [sys.executable, "-m", "gunicorn", "-c", "python:alpespartner.gunicorn",
         f"--bind=127.0.0.1:{puerto}", *otra],
        cwd=informe.RAIZ,
        env={
            **os.environ, "ALPES_WEB_PROCESOS": "2", "ALPES_WEB_HILOS": "4",
            "PYTHONPATH": str(informe.RAIZ / "scripts"),
        },
        start_new_session=True,
    )  # fmt: skip
    try:
        carga.esperar_http(puerto, "/health/live", estados=(200, 204))
        yield servidor
    finally:
        try:
            os.killpg(servidor.pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
        servidor.wait(30)


def _procesador(grupo: int) -> float:
    """Seconds of processor of a group of processes."""
    tictac = os.sysconf("SC_CLK_TCK")
    total = 0
    for ruta in Path("/proc").glob("[0-9]*/stat"):
        try:
            campos = ruta.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(campos[2]) == grupo:
            total += int(campos[11]) + int(campos[12])
    return total / tictac


def _faltan(ids: set[str]) -> set[str]:
    from conversiones.rastreo.models import Clic

    lista = sorted(ids)
    for inicio in range(0, len(lista), 2_000):
        parte = lista[inicio : inicio + 2_000]
        ids -= set(Clic.objects.filter(id_publico__in=parte).values_list("id_publico", flat=True))
    return ids


def _esperar_todos(ids: set[str], segundos: float = 60) -> float | None:
    """How long it takes until the database has all of them."""
    inicio = time.monotonic()
    while ids := _faltan(ids):
        if time.monotonic() - inicio > segundos:
            return None
        time.sleep(0.05)
    return round(time.monotonic() - inicio, 2)


def enlaces(cuantos: int) -> list[Any]:
    """Links of the benchmark, made once."""
    from alpespartner.operacion.siembra import ACTOR
    from conversiones.campanas.models import Campana
    from conversiones.campanas.services import activar_campana, crear_campana
    from conversiones.rastreo.models import Enlace
    from conversiones.rastreo.services import crear_enlace

    campana = Campana.objects.filter(nombre="Banco de enlaces").first()
    if campana is None:
        datos = {
            "nombre": "Banco de enlaces", "moneda": "USD", "pagina": "https://tienda.example/",
        }  # fmt: skip
        campana = activar_campana(campana=crear_campana(datos=datos, actor=ACTOR), actor=ACTOR)
    hay = list(Enlace.objects.filter(campana=campana).order_by("pk")[:cuantos])
    quienes = afiliados(20)
    return hay + [
        crear_enlace(afiliado=quienes[n % len(quienes)], campana=campana, actor=ACTOR)
        for n in range(cuantos - len(hay))
    ]


def medir_ventas(veces: int) -> dict[str, Any]:
    """A sale that names its affiliate and one that names its click, in turns, through the API and
    without its server."""
    from django.test import Client

    from afiliados.claves.models import Alcance
    from afiliados.claves.services import crear_clave
    from alpespartner.operacion.siembra import ACTOR
    from conversiones.rastreo.models import Clic

    clave = crear_clave(nombre="Banco", titular="Banco", alcances=Alcance.values, actor=ACTOR)[1]
    api = Client(headers={"Authorization": f"Bearer {clave}"}, SERVER_NAME="localhost")
    hay = Clic.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    tiempos: dict[str, list[float]] = {"por_afiliado": [], "por_clic": []}
    for n in range(veces):
        # Not joined: the database would begin with the campaigns.
        clic = Clic.objects.filter(pk__gte=1 + hay * n // veces).order_by("pk")[0]
        for nombre, dicho in (
            ("por_afiliado", {"afiliado_id": clic.afiliado.id_publico}),
            ("por_clic", {"clic_id": clic.id_publico}),
        ):
            cuerpo = {"campana_id": clic.campana.id_publico, "valor_conversion": "10", **dicho}
            inicio = time.perf_counter()
            hecha = api.post("/api/v1/conversiones", cuerpo, content_type="application/json")
            tiempos[nombre].append(time.perf_counter() - inicio)
            if hecha.status_code != 201:
                raise RuntimeError(hecha.content)
    medianas = {nombre: statistics.median(suyos) for nombre, suyos in tiempos.items()}
    de_mas = round(medianas["por_clic"] / medianas["por_afiliado"] - 1, 3)
    return {
        **{f"{nombre}_ms": round(suya * 1000, 2) for nombre, suya in medianas.items()},
        "de_mas": de_mas,
        "objetivo_de_mas": informe.objetivo(de_mas, maximo=OBJETIVO_DE_MAS),
    }


def medir_redirecciones(en: list[Any], segundos: float, puerto: int) -> dict[str, Any]:
    """Following links: how many a second, how soon they are kept, and what a kill -9 takes."""
    from django.db import connections

    from conversiones.rastreo.recogida import recoger

    codigos = [enlace.codigo for enlace in en]
    connections.close_all()
    with _gunicorn(puerto) as servidor, _gunicorn(puerto + 1, "banco.vacia:app"):
        # Until each process has asked for each code, once.
        seguir(puerto, codigos, min(5, segundos))
        vacias = len(seguir(puerto + 1, codigos, segundos)) / segundos
        antes = _procesador(servidor.pid)
        inicio = time.time()
        filas = seguir(puerto, codigos, segundos)
        duracion = time.time() - inicio
        dados = {clic for estado, _t, clic in filas if estado == 302 and clic}
        en_la_base = _esperar_todos(set(dados))
        procesador = _procesador(servidor.pid) - antes
    with _gunicorn(puerto) as servidor:
        cortadas = seguir(
            puerto, codigos, min(4, segundos), lambda: os.killpg(servidor.pid, signal.SIGKILL)
        )
    contestadas = {clic for _e, _t, clic in cortadas if clic}
    recoger()
    perdidas = len(_faltan(set(contestadas)))
    por_segundo = round(len(dados) / duracion, 1)
    tiempos = informe.resumen_ms(t for _e, t, _c in filas)
    return {
        "redirecciones_por_segundo": por_segundo,
        "objetivo": informe.objetivo(por_segundo, minimo=OBJETIVO_POR_SEGUNDO),
        # What the server gives to an application that does nothing, in the same minute.
        "vacia_por_segundo": round(vacias, 1),
        "razon": round(por_segundo / vacias, 2),
        **tiempos,
        "objetivo_p99": informe.objetivo(tiempos["p99_ms"], maximo=OBJETIVO_P99_MS),
        "estados": dict(Counter(estado for estado, _t, _c in filas)),
        "procesador_ms_por_redireccion": round(procesador * 1000 / max(1, len(filas)), 2),
        "segundos_hasta_la_base": en_la_base,
        "objetivo_base": informe.objetivo(
            float("inf") if en_la_base is None else en_la_base, maximo=OBJETIVO_SEGUNDOS
        ),
        "kill_9": {"contestadas": len(contestadas), "perdidas": perdidas},
    }


def medir(viva: Any, dichas: argparse.Namespace) -> dict[str, Any]:
    """All of it, with a folder of its own for what is noted down."""
    preparar_django(viva, {"ALPES_DATOS": tempfile.mkdtemp(), "ALPES_HTTPS": "0"})
    en = enlaces(200)
    medidas = {**viva.durabilidad()}
    if not dichas.solo_base:
        medidas |= medir_redirecciones(en, dichas.segundos, dichas.puerto)
    if dichas.clics:
        medidas["siembra"] = clics.sembrar(dichas.clics, en, segundos=dichas.minutos * 60)
    return {**medidas, "candidatas": clics.medir_candidatas(500), "ventas": medir_ventas(300)}


def main() -> None:
    """Measure and write the report."""
    opciones = argparse.ArgumentParser(description=__doc__)
    opciones.add_argument("--segundos", type=float, default=10)
    opciones.add_argument("--puerto", type=int, default=18_099)
    opciones.add_argument("--clics", type=int, default=10_000_000)
    opciones.add_argument(
        "--minutos", type=float, default=60, help="lo más que se siembran clics (60)"
    )
    opciones.add_argument(
        "--solo-base", action="store_true", help="sin seguir enlaces: las candidatas y las ventas"
    )
    dichas = opciones.parse_args()
    maquina = informe.maquina()
    with pila() as viva:
        viva.subir("mysql")
        informe.guardar("rastreo", {**maquina, **medir(viva, dichas)})


if __name__ == "__main__":
    main()
