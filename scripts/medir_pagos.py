#!/usr/bin/env python
"""Measure batches on MySQL with durable commits: proposing and freezing one of 10,000 payments, and
payments per second through Celery and real Redis with a gateway that answers in 5 ms.

Writes performance_report.json. Options: --pagos, --obreros.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from banco import informe
from banco.aprobaciones import crear_pendientes, decidir, elegir_pendientes
from banco.pila import Pila, pila, preparar_django

OBJETIVO_CONGELAR = 5
OBJETIVO_RITMO = 200


def _deber(cuantos: int) -> None:
    """An approved and matured commission for each of some affiliates."""
    from django.utils import timezone

    from comisiones.comision.models import Comision

    crear_pendientes(cuantos, de=cuantos)
    decidir(*elegir_pendientes())
    Comision.objects.filter(estado="aprobada").update(madura_en=timezone.now() - timedelta(days=1))


@contextmanager
def _trabajador(obreros: int) -> Iterator[None]:
    """Celery at work meanwhile."""
    trabajador = subprocess.Popen(  # noqa: S603 - our own command line
        [
            sys.executable, "-m", "celery", "--app=alpespartner", "worker", "--loglevel=ERROR",
            f"--concurrency={obreros}", "--without-gossip", "--without-mingle",
        ],
        cwd=informe.RAIZ,
        env={**os.environ, "PYTHONPATH": str(informe.RAIZ / "scripts")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        time.sleep(5)
        yield
    finally:
        trabajador.send_signal(signal.SIGTERM)
        trabajador.wait(60)


def _esperar(hecho: Callable[[], bool], que: str) -> float:
    """Seconds until it is done; stops after ten minutes."""
    inicio = time.perf_counter()
    while not hecho():
        time.sleep(0.1)
        if time.perf_counter() - inicio > 600:
            sys.exit(f"{que} no termina")
    return time.perf_counter() - inicio


def _medir(viva: Pila, pagos: int, obreros: int) -> dict[str, Any]:
    from alpespartner.comun.actores import persona
    from comisiones.models import LotePago, Pago
    from comisiones.pagos.lotes import ciclo, propuesta

    print(f"{pagos} comisiones aprobadas…", file=sys.stderr, flush=True)
    _deber(pagos)
    tiempos = {}
    with _trabajador(obreros):
        inicio = time.perf_counter()
        lote = propuesta.proponer_lote(moneda="USD", pasarela="rapida", actor=persona(2))
        tiempos["primera_porcion_s"] = round(time.perf_counter() - inicio, 2)
        # What a portion leaves, the worker goes on with.
        del_lote = LotePago.objects.filter(pk=lote.pk)
        _esperar(lambda: not del_lote.filter(estado="proponiendo").exists(), "la propuesta")
        tiempos["proponer_s"] = round(time.perf_counter() - inicio, 2)
        lote = del_lote.get()
        inicio = time.perf_counter()
        lote = ciclo.congelar_lote(lote=lote, actor=persona(2))
        tiempos["congelar_s"] = round(time.perf_counter() - inicio, 2)
        print("pagando…", file=sys.stderr, flush=True)
        ciclo.liberar_lote(lote=lote, actor=persona(3))
        por_pagar = Pago.objects.filter(lote=lote).exclude(estado="pagado")
        segundos = _esperar(lambda: not por_pagar.exists(), "el pago")
    lote.refresh_from_db()
    ritmo = pagos / segundos
    return {
        "maquina": informe.maquina(),
        "durabilidad": {k: v for k, v in viva.durabilidad().items() if k != "journalSyncData"},
        "pagos": lote.numero_pagos,
        "obreros": obreros,
        **tiempos,
        "objetivo_congelar": informe.objetivo(tiempos["congelar_s"], maximo=OBJETIVO_CONGELAR),
        "pagos_por_segundo": round(ritmo),
        "objetivo_ritmo": informe.objetivo(ritmo, minimo=OBJETIVO_RITMO),
        "lote": lote.estado,
    }


def main() -> None:
    """Measure and write the report."""
    opciones = argparse.ArgumentParser(description=__doc__)
    opciones.add_argument("--pagos", type=int, default=10_000)
    opciones.add_argument("--obreros", type=int, default=6)
    dadas = opciones.parse_args()
    with pila() as viva:
        viva.subir("mysql", "redis")
        os.environ["DJANGO_SETTINGS_MODULE"] = "banco.ajustes_pagos"
        preparar_django(viva)
        informe.guardar("pagos", _medir(viva, dadas.pagos, dadas.obreros))


if __name__ == "__main__":
    main()
