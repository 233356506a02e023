"""Celery tasks of clicks."""

from __future__ import annotations

from celery import shared_task

from conversiones.rastreo import huellas, recogida
from conversiones.rastreo.clics import olvidar_pendientes


@shared_task(name="rastreo.recoger")
def recoger() -> int:
    """Take in the clicks that a site which is gone left behind; runs every second."""
    return recogida.recoger()


@shared_task(name="rastreo.cuidar")
def cuidar() -> None:
    """Destroy the keys whose time is over and delete old clicks; runs every hour."""
    huellas.destruir_caducadas()
    recogida.purgar_clics()


@shared_task(name="rastreo.olvidar")
def olvidar() -> int:
    """Forget the clicks of erased affiliates; runs every minute."""
    return olvidar_pendientes()
