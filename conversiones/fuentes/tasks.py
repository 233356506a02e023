"""Celery tasks of imports: each carries only an id."""

from __future__ import annotations

from celery import shared_task

from conversiones.fuentes import avance


@shared_task(name="importaciones.avanzar")
def avanzar(importacion_pk: int) -> None:
    """Go on with an import."""
    avance.avanzar_importacion(importacion_pk=importacion_pk)


@shared_task(name="importaciones.barrer")
def barrer() -> int:
    """Queue the imports that lost their task; runs every second."""
    return avance.barrer_importaciones()
