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
from datetime import timedelta
from decimal import Decimal
from typing import Any

from banco import informe
from banco.pila import Pila, afiliados, pila, preparar_django

OBJETIVO_CONGELAR = 5
OBJETIVO_RITMO = 200
POR_PARTE = 500


def _deber(cuantos: int) -> None:
    """An approved and matured commission for each of some affiliates."""
    from django.db import transaction
    from django.utils import timezone

    from alpespartner.comun.actores import persona
    from comisiones.calculo.services import calcular_comisiones
    from comisiones.comision.estados import COMISION, EstadoComision
    from comisiones.comision.models import Comision
    from comisiones.libro.models import Cuenta, TipoAsiento
    from comisiones.libro.services import Linea, asentar
    from conversiones.campanas.models import Campana
    from conversiones.ventas.services import NuevaConversion, registrar_conversiones

    campana = Campana.objects.get(predeterminada=True)
    actor = persona(1)
    propios = afiliados(cuantos)
    for inicio in range(0, cuantos, POR_PARTE):
        ventas = registrar_conversiones(
            datos=[
                NuevaConversion(afiliado=a, campana=campana, valor=Decimal("129.90"))
                for a in propios[inicio : inicio + POR_PARTE]
            ],
            actor=actor,
        )
        calcular_comisiones(conversiones_ids=[v.id_publico for v in ventas], actor=actor)
    ahora = timezone.now()
    with transaction.atomic():
        pendientes = list(
            Comision.objects.filter(estado=EstadoComision.PENDIENTE)
            .select_related("afiliado")
            .select_for_update(of=("self",))
        )
        # As many approvals at once as nobody would make by hand.
        COMISION.transitar_todos(pendientes, EstadoComision.APROBADA, accion="aprobar", actor=actor)
        for comision in pendientes:
            asentar(
                tipo=TipoAsiento.APROBACION,
                origen=comision.id_publico,
                lineas=[
                    Linea(Cuenta.GASTO_COMISIONES, comision.monto, comision.moneda),
                    Linea(Cuenta.POR_PAGAR, -comision.monto, comision.moneda, comision.afiliado),
                ],
            )
        Comision.objects.filter(pk__in=[c.pk for c in pendientes]).update(
            madura_en=ahora - timedelta(days=1)
        )


def _medir(viva: Pila, pagos: int, obreros: int) -> dict[str, Any]:
    from alpespartner.comun.actores import persona
    from comisiones.models import Pago
    from comisiones.pagos.lotes import ciclo, propuesta

    print(f"{pagos} comisiones aprobadas…", file=sys.stderr, flush=True)
    _deber(pagos)
    tiempos = {}
    inicio = time.perf_counter()
    lote = propuesta.proponer_lote(moneda="USD", pasarela="rapida", actor=persona(2))
    tiempos["proponer_s"] = round(time.perf_counter() - inicio, 2)
    inicio = time.perf_counter()
    lote = ciclo.congelar_lote(lote=lote, actor=persona(2))
    tiempos["congelar_s"] = round(time.perf_counter() - inicio, 2)
    print("pagando…", file=sys.stderr, flush=True)
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
        inicio = time.perf_counter()
        ciclo.liberar_lote(lote=lote, actor=persona(3))
        while Pago.objects.filter(lote=lote).exclude(estado="pagado").exists():
            time.sleep(0.2)
            if time.perf_counter() - inicio > 600:
                sys.exit("los pagos no terminan")
        segundos = time.perf_counter() - inicio
    finally:
        trabajador.send_signal(signal.SIGTERM)
        trabajador.wait(60)
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
