"""Celery tasks of backtests: each carries only an id."""

from __future__ import annotations

from celery import shared_task

from comisiones.simulaciones import services


@shared_task(name="simulaciones.avanzar")
def avanzar(simulacion_pk: int) -> None:
    """Work one portion."""
    services.avanzar_simulacion(simulacion_pk=simulacion_pk)


@shared_task(name="simulaciones.barrer")
def barrer() -> int:
    """Queue what lost its task."""
    return services.barrer_simulaciones()
