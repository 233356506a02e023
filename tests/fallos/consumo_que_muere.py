"""A consumer whose process dies right after a batch's commit and before its acknowledgement.

``python -m tests.fallos.consumo_que_muere <consumer>``. The product has no hook for it: this is
its own class with one method extended. With ``--antes`` it dies with the batch in hand instead,
late enough for an acknowledgement that came too early to have left. ``--sin-buzon`` also takes the
inbox away, as a control: a measurement that would not see the doubled effects proves nothing.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Sequence

import django

django.setup()

from django.db import transaction  # noqa: E402

from outbox.consumo import CONSUMIDORES, Consumidor, Sobre  # noqa: E402
from outbox.models import EventoProcesado  # noqa: E402
from outbox.transportes.pulsar import suscripcion as consumo  # noqa: E402


class ConsumoQueMuere(consumo.Consumo):
    """Kills its own process, as ``kill -9`` does, once a batch is committed, or before."""

    def manejar(self, textos: Sequence[str]) -> None:
        """Handle the batch and die."""
        if "--antes" in sys.argv:
            time.sleep(0.5)
        else:
            super().manejar(textos)
        os.kill(os.getpid(), signal.SIGKILL)


def procesar_sin_buzon(consumidor: Consumidor, sobres: Sequence[Sobre]) -> int:
    """What ``procesar`` would be if it did not look at what was handled before."""
    with transaction.atomic():
        EventoProcesado.objects.bulk_create(
            [EventoProcesado(suscripcion=consumidor.nombre, evento_id=s.id) for s in sobres],
            ignore_conflicts=True,
        )
        consumidor.manejar(sobres)
    return len(sobres)


if __name__ == "__main__":
    if "--sin-buzon" in sys.argv:
        consumo.procesar = procesar_sin_buzon
    ConsumoQueMuere(CONSUMIDORES[sys.argv[1]], threading.Event()).correr()
