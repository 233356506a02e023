#!/usr/bin/env python
"""Measure the event stream on the real stack: MySQL, Debezium, Pulsar and a consumer.

Commit to consumer at a steady rate, draining many rows, commissions written by one process of the
`comisiones` consumer, and the memory of the whole stack at rest with the application. Brings up a
stack of its own in a temporary folder unless ALPES_STACK_HOME names one, and writes
performance_report.json.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from banco import informe
from banco.pila import Pila, crear_topicos, esperar, pila, preparar_django, vender

POR_COMMIT = 500
SUSCRIPCION = "banco"


@contextmanager
def _canal(contexto: str) -> Iterator[Any]:
    """A consumer of the benchmark's own on a topic; its subscription goes away with it."""
    import pulsar
    from django.conf import settings

    from outbox.transportes.pulsar.topicos import POR_CONTEXTO

    cliente = pulsar.Client(
        settings.PULSAR_URL, logger=pulsar.ConsoleLogger(pulsar.LoggerLevel.Error)
    )
    try:
        canal = cliente.subscribe(
            POR_CONTEXTO[contexto].nombre,
            SUSCRIPCION,
            consumer_type=pulsar.ConsumerType.KeyShared,
            initial_position=pulsar.InitialPosition.Latest,
            receiver_queue_size=5_000,
            batch_receive_policy=pulsar.ConsumerBatchReceivePolicy(1_000, 8_000_000, 5),
        )
        yield canal
        canal.unsubscribe()
    finally:
        cliente.close()


def medir_latencia(por_segundo: float, segundos: float) -> dict[str, Any]:
    """From the return of COMMIT to the consumer's receipt, one row per transaction.

    The row is the product's own canary, so the path is that of every event.
    """
    from outbox.canario import emitir_canario

    confirmados: dict[str, float] = {}
    recibidos: dict[str, float] = {}
    total = int(por_segundo * segundos)
    with _canal("marketing") as canal:

        def leer() -> None:
            while True:
                mensaje = canal.receive()
                ahora = time.perf_counter()
                canal.acknowledge(mensaje)
                recibidos[json.loads(mensaje.data())["id"]] = ahora
                if mensaje.partition_key() == "fin":
                    return

        def emitir(cuantos: int) -> None:
            inicio = time.perf_counter()
            for n in range(cuantos):
                # A fixed timetable: a slow commit does not slow the next ones down.
                espera = inicio + n / por_segundo - time.perf_counter()
                if espera > 0:
                    time.sleep(espera)
                evento = emitir_canario()
                confirmados[evento.evento_id] = time.perf_counter()

        lector = threading.Thread(target=leer, daemon=True)
        lector.start()
        emitir(int(por_segundo * 3))
        esperar(lambda: len(recibidos) >= len(confirmados), "no llegan los canarios")
        confirmados.clear()
        recibidos.clear()
        emitir(total)
        esperar(lambda: confirmados.keys() <= recibidos.keys(), "no llegan los canarios")
        _filas_de_prueba(1, contexto="marketing", agregado="fin")
        lector.join(30)
    # A message can be in the consumer's hands before COMMIT has returned here.
    esperas = [max(0.0, recibidos[evento] - hora) for evento, hora in confirmados.items()]
    return {"eventos": total, "por_segundo": por_segundo, **informe.resumen_ms(esperas)}


def _filas_de_prueba(cuantas: int, *, contexto: str, agregado: str | None = None) -> None:
    """Write outbox rows of the usual size, in one transaction per ``POR_COMMIT`` or fewer."""
    _escribir(_filas(cuantas, contexto=contexto, agregado=agregado), POR_COMMIT)


def _filas(cuantas: int, *, contexto: str, agregado: str | None = None) -> list[Any]:
    from django.utils import timezone

    from outbox.models import OutboxEvent

    marca = uuid.uuid4().hex[:12]
    filas = []
    for n in range(cuantas):
        evento, sujeto = str(uuid.uuid4()), agregado or f"banco_{marca}_{n % 5_000}"
        filas.append(
            OutboxEvent(
                evento_id=evento,
                aggregatetype=contexto,
                aggregateid=sujeto,
                type="CanarioEmitido",
                aggregate_version=1,
                payload=json.dumps(
                    {
                        "specversion": "1.0",
                        "id": evento,
                        "source": f"/alpespartner/{contexto}",
                        "type": "CanarioEmitido",
                        "subject": sujeto,
                        "time": "2026-01-01T00:00:00.000000Z",
                        "datacontenttype": "application/json",
                        "data": {"canario_id": sujeto, "relleno": "x" * 200},
                    },
                    separators=(",", ":"),
                ),
                created_at=timezone.now(),
            )
        )
    return filas


def _escribir(filas: list[Any], por_commit: int) -> None:
    from django.db import transaction

    from outbox.models import OutboxEvent

    for inicio in range(0, len(filas), por_commit):
        with transaction.atomic():
            OutboxEvent.objects.bulk_create(filas[inicio : inicio + por_commit], batch_size=1_000)


def medir_vaciado(viva: Pila, cuantas: int, vueltas: int) -> dict[str, Any]:
    """Rows to Pulsar per second: all in one transaction, and in transactions of ``POR_COMMIT``.

    Debezium is paused while they are written, so that writing them is not measured; the clock
    starts when it goes on and stops at the last receipt.
    """
    with _canal("marketing") as canal:
        # Warm: the JIT compiles Debezium's and Pulsar's loops.
        _vaciar(viva, canal, cuantas, cuantas)
        uno = [_vaciar(viva, canal, cuantas, cuantas) for _ in range(vueltas)]
        lotes = [_vaciar(viva, canal, cuantas, POR_COMMIT) for _ in range(vueltas)]
    return {
        "filas": cuantas,
        "un_commit": _vueltas(uno),
        f"commits_de_{POR_COMMIT}": _vueltas(lotes),
    }


def _vueltas(valores: list[float]) -> dict[str, Any]:
    enteros = [round(v) for v in valores]
    return {"por_segundo": sorted(enteros)[len(enteros) // 2], "vueltas": enteros}


def _vaciar(viva: Pila, canal: Any, cuantas: int, por_commit: int) -> float:
    debezium = viva.partes()["debezium"]["pid"]
    filas = _filas(cuantas, contexto="marketing")
    llegada: list[float] = []

    def leer() -> None:
        faltan = cuantas
        while faltan > 0:
            for mensaje in canal.batch_receive():
                canal.acknowledge(mensaje)
                faltan -= 1
        llegada.append(time.perf_counter())

    lector = threading.Thread(target=leer, daemon=True)
    lector.start()
    os.kill(debezium, signal.SIGSTOP)
    try:
        _escribir(filas, por_commit)
    finally:
        inicio = time.perf_counter()
        os.kill(debezium, signal.SIGCONT)
    lector.join(300)
    if not llegada:
        raise TimeoutError("no llegan todas las filas")
    return cuantas / (llegada[0] - inicio)


def medir_comisiones(cuantas: int) -> dict[str, Any]:
    """Commissions per second of one `manage.py consumir comisiones`, from a full topic."""
    from django.db.models import Count

    from comisiones.comision.models import Comision
    from conversiones.campanas.models import Campana
    from conversiones.ventas.models import Conversion
    from outbox.models import EventoProcesado, OutboxEvent

    campana = Campana.objects.get(predeterminada=True)
    marca = uuid.uuid4().hex[:8]
    with _canal("conversiones") as canal:
        for inicio in range(0, cuantas, POR_COMMIT):
            vender(marca, range(inicio, min(inicio + POR_COMMIT, cuantas)))
        faltan = cuantas
        while faltan > 0:
            for mensaje in canal.batch_receive():
                canal.acknowledge(mensaje)
                faltan -= 1
    propias = Conversion.objects.filter(
        campana=campana, referencia_externa__startswith=f"banco-{marca}-"
    )
    hechas = Comision.objects.filter(conversion__gte=propias.earliest("pk").pk)
    arranque = time.perf_counter()
    consumidor = subprocess.Popen(
        [sys.executable, "manage.py", "consumir", "comisiones"], cwd=informe.RAIZ, env=os.environ
    )
    try:
        esperar(lambda: hechas.exists(), "el consumidor no empieza")
        primera, ya = time.perf_counter(), hechas.count()
        esperar(lambda: hechas.count() >= cuantas, "el consumidor no acaba", 300)
        final = time.perf_counter()
        # Whatever it might do twice, it does now.
        time.sleep(2)
    finally:
        consumidor.send_signal(signal.SIGTERM)
        consumidor.wait(30)
    repetidas = hechas.values("conversion").annotate(n=Count("id")).filter(n__gt=1).count()
    eventos = OutboxEvent.objects.filter(
        type="ConversionRegistrada", aggregateid__in=propias.values("id_publico")
    )
    recibidos = EventoProcesado.objects.filter(
        suscripcion="comisiones", evento_id__in=eventos.values("evento_id")
    ).count()
    return {
        "conversiones": cuantas,
        "comisiones": hechas.count(),
        "conversiones_con_mas_de_una": repetidas,
        "eventos_en_la_bandeja": recibidos,
        "exactamente_una": hechas.count() == cuantas == recibidos and repetidas == 0,
        "por_segundo": round((cuantas - ya) / (final - primera)),
        "por_segundo_con_el_arranque": round(cuantas / (final - arranque)),
    }


def medir_memoria(viva: Pila, reposo: float) -> dict[str, Any]:
    """Everything up, nothing to do: what the whole stack holds, by part."""
    viva.subir("app")
    # The consumers take what the benchmark left, and the servers let go of what starting took.
    time.sleep(reposo)
    por_sesion: dict[int, list[int]] = {}
    for pid in viva.procesos():
        por_sesion.setdefault(os.getsid(pid), []).append(pid)
    partes = {
        nombre: informe.pss_mib(por_sesion.pop(parte["pid"], []))
        for nombre, parte in viva.partes().items()
    }
    partes["supervisor"] = informe.pss_mib(p for pids in por_sesion.values() for p in pids)
    viva.bajar("app")
    return {"pss_mib": round(sum(partes.values())), "por_parte_mib": partes}


def main() -> None:
    """Measure everything, or what is asked for, and write this part of the report."""
    opciones = argparse.ArgumentParser(description=__doc__)
    medidas = ("latencia", "comisiones", "memoria", "vaciado")
    opciones.add_argument("--solo", choices=medidas, nargs="+", default=medidas)
    opciones.add_argument("--segundos", type=float, default=20, help="de la latencia")
    opciones.add_argument("--filas", type=int, default=20_000, help="del vaciado")
    opciones.add_argument("--conversiones", type=int, default=10_000)
    opciones.add_argument("--vueltas", type=int, default=3, help="del vaciado")
    opciones.add_argument("--reposo", type=float, default=30, help="segundos antes de la memoria")
    args = opciones.parse_args()
    maquina = informe.maquina()
    with pila() as viva:
        viva.subir("mysql", "redis", "pulsar")
        preparar_django(viva)
        crear_topicos()
        viva.subir("debezium")
        datos: dict[str, Any] = {
            "medido_en": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "maquina": maquina,
            **viva.durabilidad(),
        }
        if "latencia" in args.solo:
            datos["latencia"] = uno = medir_latencia(50, args.segundos)
            uno["objetivo_p50"] = informe.objetivo(uno["p50_ms"], maximo=20)
            uno["objetivo_p99"] = informe.objetivo(uno["p99_ms"], maximo=100)
        if "comisiones" in args.solo:
            datos["comisiones"] = uno = medir_comisiones(args.conversiones)
            uno["objetivo"] = informe.objetivo(uno["por_segundo"], minimo=1_000)
        if "memoria" in args.solo:
            datos["memoria"] = uno = medir_memoria(viva, args.reposo)
            uno["objetivo"] = informe.objetivo(uno["pss_mib"], maximo=4_096)
        if "vaciado" in args.solo:
            datos["vaciado"] = uno = medir_vaciado(viva, args.filas, args.vueltas)
            for clave in ("un_commit", f"commits_de_{POR_COMMIT}"):
                uno[clave]["objetivo"] = informe.objetivo(uno[clave]["por_segundo"], minimo=8_000)
        maquina["carga_al_acabar"] = round(os.getloadavg()[0], 1)
    informe.guardar("flujo", datos)


if __name__ == "__main__":
    main()
