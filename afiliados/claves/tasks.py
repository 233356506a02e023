"""Celery tasks of API keys."""

from __future__ import annotations

from celery import shared_task

from afiliados.claves.de_prueba import revocar_las_pendientes


@shared_task(name="claves.revocar_pruebas")
def revocar_pruebas() -> int:
    """Tell the sandbox which test keys go with the keys that made them; when one is revoked, and
    every 15 seconds until it answers."""
    return revocar_las_pendientes()
