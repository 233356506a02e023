#!/usr/bin/env python
"""Measure webhooks on the real stack, from COMMIT by Debezium, Pulsar, consumer and Celery to a
receiver on this machine: how long one takes at a steady rate of sales, and how many a second go out
when many wait.

Brings up a stack of its own in a temporary folder unless ALPES_STACK_HOME names one, and writes
performance_report.json. Options: --segundos, --por-segundo, --entregas, --puerto.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from banco import informe
from banco.pila import Pila, crear_topicos, esperar, pila, preparar_django, vender

PARTES = ("consumidor-webhooks", "worker-webhooks", "beat")
OBJETIVO_ENTREGAS = 300
OBJETIVO_P50_MS = 1_000
_TIPO = "ConversionRegistrada"
_POR_COMMIT = 500


class Receptor:
    """What arrived, and when: the first time, for it may come again."""

    def __init__(self, fichero: Path, puerto: int) -> None:
        self._fichero = fichero
        self.url = f"http://127.0.0.1:{puerto}/webhooks"

    def llegadas(self) -> dict[str, float]:
        """Seconds by the clock of each event."""
        primeras: dict[str, float] = {}
        for linea in self._fichero.read_text().splitlines():
            evento, cuando = linea.split()
            primeras.setdefault(evento, float(cuando))
        return primeras


@contextmanager
def receptor(puerto: int) -> Iterator[Receptor]:
    """A receiver in a process of its own."""
    with tempfile.TemporaryDirectory() as carpeta:
        fichero = Path(carpeta) / "llegadas"
        fichero.touch()
        proceso = subprocess.Popen(  # noqa: S603 - our own command line
            [sys.executable, "-m", "banco.receptor", str(puerto), str(fichero)],
            cwd=informe.RAIZ / "scripts",
        )
        try:
            yield Receptor(fichero, puerto)
        finally:
            proceso.terminate()
            proceso.wait(10)


def _suscribir(url: str) -> None:
    from afiliados.claves.services import crear_clave
    from alpespartner.operacion.siembra import ACTOR
    from outbox.models import EstadoWebhook, Webhook
    from outbox.webhooks import services

    # A webhook is of somebody whose keys work, under the name by which holders are compared.
    clave, _texto = crear_clave(
        nombre="Banco", titular="Banco", alcances=["webhooks:escribir"], actor=ACTOR
    )
    titular = clave.titular_normal
    # Those of a run before, on a stack that stays up.
    for viejo in Webhook.objects.filter(titular=titular, estado=EstadoWebhook.ACTIVO):
        services.desactivar(webhook=viejo, actor=ACTOR)
    services.crear(url=url, tipos=[_TIPO], titular=titular, afiliado="", actor=ACTOR)


def _vender(cuantas: int) -> list[str]:
    """Sales in one transaction; their public ids."""
    return [una.id_publico for una in vender(uuid.uuid4().hex, range(cuantas))]


def _eventos_de(ventas: list[str]) -> dict[str, str]:
    """Event of each sale."""
    from outbox.models import OutboxEvent

    suyos = OutboxEvent.objects.filter(type=_TIPO, aggregateid__in=ventas)
    return dict(suyos.values_list("aggregateid", "evento_id"))


def medir_espera(a: Receptor, por_segundo: float, segundos: float) -> dict[str, Any]:
    """From the return of COMMIT to the receipt, one sale per transaction."""

    def emitir(cuantas: int) -> dict[str, float]:
        confirmadas, inicio = {}, time.perf_counter()
        for n in range(cuantas):
            # A fixed timetable: a slow commit does not slow the next ones down.
            time.sleep(max(0.0, inicio + n / por_segundo - time.perf_counter()))
            [venta] = _vender(1)
            confirmadas[venta] = time.time()
        evento_de = _eventos_de(list(confirmadas))
        suyas = {evento_de[venta]: hora for venta, hora in confirmadas.items()}
        esperar(lambda: suyas.keys() <= a.llegadas().keys(), "no llegan los webhooks")
        return suyas

    emitir(int(por_segundo * 3))
    confirmados = emitir(int(por_segundo * segundos))
    llegadas = a.llegadas()
    # It may be there before COMMIT has returned here.
    esperas = [max(0.0, llegadas[evento] - hora) for evento, hora in confirmados.items()]
    return {"ventas": len(esperas), "por_segundo": por_segundo, **informe.resumen_ms(esperas)}


def medir_salida(viva: Pila, a: Receptor, cuantas: int) -> dict[str, Any]:
    """Deliveries per second, from the first to the last receipt of many that waited."""
    from outbox.models import EntregaWebhook

    viva.bajar("worker-webhooks")
    ventas: list[str] = []
    while len(ventas) < cuantas:
        ventas += _vender(min(_POR_COMMIT, cuantas - len(ventas)))
    eventos = set(_eventos_de(ventas).values())
    esperan = EntregaWebhook.objects.filter(evento_id__in=eventos)
    esperar(lambda: esperan.count() == cuantas, "el consumidor no las apunta")
    viva.subir("worker-webhooks")
    esperar(lambda: eventos <= a.llegadas().keys(), "no llegan los webhooks")
    suyas = sorted(cuando for evento, cuando in a.llegadas().items() if evento in eventos)
    return {
        "entregas": cuantas,
        "por_segundo": round((cuantas - 1) / (suyas[-1] - suyas[0])),
        "segundos": round(suyas[-1] - suyas[0], 1),
    }


def main() -> None:
    """Measure both and write this part of the report."""
    opciones = argparse.ArgumentParser(description=__doc__)
    opciones.add_argument("--segundos", type=float, default=20, help="de la espera")
    opciones.add_argument("--por-segundo", type=float, default=20, help="de la espera")
    opciones.add_argument("--entregas", type=int, default=3_000, help="de la salida")
    opciones.add_argument("--puerto", type=int, default=8079)
    args = opciones.parse_args()
    maquina = informe.maquina()
    # The stack hands both on to its workers: nothing else may send to this machine.
    os.environ |= {"ALPES_DEMO": "1", "ALPES_WEBHOOKS_LOCALES": "1"}
    with pila() as viva, receptor(args.puerto) as a:
        viva.subir("mysql", "redis", "pulsar")
        preparar_django(viva)
        crear_topicos()
        viva.subir("debezium", *PARTES)
        _suscribir(a.url)
        datos = {"maquina": maquina, **viva.durabilidad()}
        datos["espera"] = uno = medir_espera(a, args.por_segundo, args.segundos)
        uno["objetivo_p50"] = informe.objetivo(uno["p50_ms"], maximo=OBJETIVO_P50_MS)
        datos["salida"] = uno = medir_salida(viva, a, args.entregas)
        uno["objetivo"] = informe.objetivo(uno["por_segundo"], minimo=OBJETIVO_ENTREGAS)
    informe.guardar("webhooks", datos)


if __name__ == "__main__":
    main()
