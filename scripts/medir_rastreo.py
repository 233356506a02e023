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
from datetime import timedelta
from pathlib import Path
from typing import Any

from banco import carga, informe
from banco.pila import afiliados, pila, preparar_django

PROCESOS, HILOS = 2, 4
OBJETIVO_POR_SEGUNDO, OBJETIVO_P99_MS, OBJETIVO_SEGUNDOS = 1_500, 25, 2
OBJETIVO_CANDIDATAS_MS, OBJETIVO_DE_MAS = 5, 0.10
AGENTE = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36"
_CLIC = re.compile(rb"alpes_clic=(clic_[0-9A-Z]{26})\r")
_POR_VISITANTE = 4
_BASE = 20_000


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


def sembrar_clics(cuantos: int, en: list[Any]) -> None:
    """Clicks of four for each visitor, all over thirty days, far from each other in the table: some
    made here, and the database copies them until there are enough."""
    from django.utils import timezone

    from alpespartner.comun.db.insercion import insertar_todas
    from alpespartner.comun.identificadores import nuevo_id
    from conversiones.rastreo.models import Clic

    ahora = timezone.now() - timedelta(days=1)
    base = min(cuantos, _BASE)
    de_cada = max(1, base // _POR_VISITANTE)
    visitantes: list[str] = []
    antes = Clic.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
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
    for copia in range(1, cuantos // base):
        _copiar(antes, antes + base, copia)


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
            " WHERE id > %s AND id <= %s",
            [desde, hasta],
        )


def medir_candidatas(veces: int) -> dict[str, Any]:
    """What a customer's candidates cost: the click that is named, and those of its visitor."""
    from django.utils import timezone

    from conversiones.campanas.models import Campana
    from conversiones.rastreo.models import Clic
    from conversiones.rastreo.selectors import clic_y_los_suyos

    hay = Clic.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    campanas = Campana.objects.in_bulk()
    tiempos, cuantas = [], []
    ahora = timezone.now()
    for n in range(veces):
        una = Clic.objects.filter(pk__gte=1 + hay * n // veces).order_by("pk")[0]
        inicio = time.perf_counter()
        _clic, suyos = clic_y_los_suyos(
            una.id_publico, campana=campanas[una.campana_id], hasta=ahora,
            desde=ahora - timedelta(days=30),
        )  # fmt: skip
        tiempos.append(time.perf_counter() - inicio)
        cuantas.append(len(suyos))
    return {
        "clics": Clic.objects.count(),
        "de_cada_visitante": statistics.mean(cuantas),
        **informe.resumen_ms(tiempos),
    }


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


def medir(viva: Any, segundos: float, puerto: int, clics: int) -> dict[str, Any]:
    """All of it, with a folder of its own for what is noted down."""
    datos = tempfile.mkdtemp()
    preparar_django(viva, {"ALPES_DATOS": datos, "ALPES_HTTPS": "0"})
    from django.db import connections

    from conversiones.rastreo.recogida import recoger

    en = enlaces(200)
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
    if clics:
        sembrar_clics(clics, en)
    candidatas = medir_candidatas(500)
    ventas = medir_ventas(300)
    por_segundo = round(len(dados) / duracion, 1)
    tiempos = informe.resumen_ms(t for _e, t, _c in filas)
    return {
        **viva.durabilidad(),
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
        "candidatas": {
            **candidatas,
            "objetivo_p99": informe.objetivo(
                candidatas["p99_ms"], maximo=OBJETIVO_CANDIDATAS_MS
            ),
        },
        "ventas": ventas,
    }  # fmt: skip


def main() -> None:
    """Measure and write the report."""
    opciones = argparse.ArgumentParser(description=__doc__)
    opciones.add_argument("--segundos", type=float, default=10)
    opciones.add_argument("--puerto", type=int, default=18_099)
    opciones.add_argument("--clics", type=int, default=10_000_000)
    dichas = opciones.parse_args()
    maquina = informe.maquina()
    with pila() as viva:
        viva.subir("mysql")
        medidas = medir(viva, dichas.segundos, dichas.puerto, dichas.clics)
        informe.guardar("rastreo", {**maquina, **medidas})


if __name__ == "__main__":
    main()
