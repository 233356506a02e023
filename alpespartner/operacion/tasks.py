"""Celery tasks of running the programme."""

from __future__ import annotations

from celery import shared_task

from alpespartner.operacion import alertas, verificacion
from alpespartner.operacion.monitor import entorno
from alpespartner.operacion.pruebas.purga import purgar_pruebas


@shared_task(name="monitor.vigilar")
def vigilar() -> int:
    """Look whether all is well, and open and close alerts; runs every few seconds."""
    entorno.mirar_pruebas()
    return alertas.vigilar()


# Taken off the queue when it begins: it may last longer than a broker waits for an answer.
@shared_task(name="monitor.verificar", acks_late=False, time_limit=7200, soft_time_limit=7000)
def verificar() -> int:
    """Check every invariant, and open an alert for each that fails; runs at night."""
    return verificacion.verificar_de_noche()


@shared_task(name="pruebas.purgar")
def purgar() -> bool:
    """In the sandbox, empty it when its days are over; runs every five minutes."""
    return purgar_pruebas()
