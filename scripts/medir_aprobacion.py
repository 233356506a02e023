#!/usr/bin/env python
"""Measure a bulk approval on MySQL with durable commits: selecting 10,000 commissions and approving
them with their ledger, history and events.

Writes performance_report.json. Options: --comisiones, --afiliados.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

from banco import informe
from banco.aprobaciones import AFILIADOS, crear_pendientes, decidir, elegir_pendientes
from banco.pila import pila, preparar_django

# Of 10,000, in seconds.
OBJETIVO = 5
DE_CADA = 10_000


def medir(cuantas: int, de: int = AFILIADOS) -> dict[str, Any]:
    """Make pending commissions, and approve all that there are in one decision."""
    from django.conf import settings
    from django.db import connection

    print(f"{cuantas} comisiones pendientes…", file=sys.stderr, flush=True)
    crear_pendientes(cuantas, de)
    print("aprobando…", file=sys.stderr, flush=True)
    antes = _contar()
    inicio = time.perf_counter()
    decision, actor = elegir_pendientes()
    elegir = time.perf_counter() - inicio
    inicio, cpu = time.perf_counter(), time.process_time()
    decision = decidir(decision, actor)
    aprobar, cpu = time.perf_counter() - inicio, time.process_time() - cpu
    escrito = {nombre: n - antes[nombre] for nombre, n in _contar().items()}
    if decision.hechas != decision.total or set(escrito.values()) != {decision.total}:
        sys.exit(f"{decision.hechas} de {decision.total} aprobadas; escrito: {escrito}")
    return {
        "base": connection.vendor,
        "eventos": settings.EVENTOS_TRANSPORTE,
        "comisiones": decision.total,
        "elegir_s": round(elegir, 2),
        "aprobar_s": round(aprobar, 2),
        # Of this process: on a busy machine the rest of the time was somebody else's.
        "cpu_s": round(cpu, 2),
        "por_segundo": round(decision.total / aprobar),
        "objetivo": informe.objetivo(aprobar * DE_CADA / decision.total, maximo=OBJETIVO),
    }


def _contar() -> dict[str, int]:
    """What each approval writes once."""
    from alpespartner.comun.models import Historial
    from comisiones.libro.models import Asiento
    from outbox.models import OutboxEvent

    return {
        "historial": Historial.objects.filter(entidad="comision", accion="aprobar").count(),
        "asientos": Asiento.objects.filter(tipo="aprobacion").count(),
        "eventos": OutboxEvent.objects.filter(type="ComisionAprobada").count(),
    }


def main() -> None:
    """Measure and write the report."""
    opciones = argparse.ArgumentParser(description=__doc__)
    opciones.add_argument("--comisiones", type=int, default=DE_CADA)
    opciones.add_argument("--afiliados", type=int, default=AFILIADOS)
    dadas = opciones.parse_args()
    with pila() as viva:
        # The queue is told, as ever; this process does the work.
        viva.subir("mysql", "redis")
        preparar_django(viva)
        informe.guardar(
            "aprobacion",
            {
                "maquina": informe.maquina(),
                "durabilidad": {
                    k: v for k, v in viva.durabilidad().items() if k != "journalSyncData"
                },
                **medir(dadas.comisiones, dadas.afiliados),
            },
        )


if __name__ == "__main__":
    main()
