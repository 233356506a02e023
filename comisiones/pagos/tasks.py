"""Celery tasks of payments: each carries only an id."""

from __future__ import annotations

from celery import shared_task

from alpespartner.comun.actores import sistema
from comisiones.pagos.barrido import barrer_pagos, barrer_trabajos
from comisiones.pagos.conciliacion import extractos
from comisiones.pagos.lotes import avance, ciclo
from comisiones.pagos.pago.envio import ejecutar_pago

ACTOR = sistema("pagos")


@shared_task(name="pagos.ejecutar")
def ejecutar(pago_pk: int) -> None:
    """Send one payment."""
    ejecutar_pago(pago_pk=pago_pk, actor=ACTOR)


@shared_task(name="pagos.ejecutar_lote")
def ejecutar_lote(lote_pk: int) -> None:
    """Check a released batch again and queue its payments."""
    ciclo.ejecutar_lote(lote_pk=lote_pk, actor=ACTOR)


@shared_task(name="pagos.avanzar_lote")
def avanzar_lote(lote_pk: int) -> None:
    """Go on proposing, dropping or retrying a batch."""
    avance.avanzar_lote(lote_pk=lote_pk)


@shared_task(name="pagos.aplicar_extracto")
def aplicar_extracto(extracto_pk: int) -> None:
    """Apply lines of a statement."""
    extractos.aplicar_extracto(extracto_pk=extracto_pk)


@shared_task(name="pagos.barrer")
def barrer() -> dict[str, int]:
    """Schedule, queue and resume what needs it; runs every few seconds."""
    return barrer_pagos(actor=ACTOR)


@shared_task(name="pagos.barrer_trabajos")
def barrer_lotes_y_extractos() -> None:
    """Move on batches and statements; runs every second."""
    barrer_trabajos(actor=ACTOR)
