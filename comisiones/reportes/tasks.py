"""Celery tasks of the reports."""

from __future__ import annotations

from celery import shared_task

from comisiones.reportes import envio


@shared_task(name="reportes.barrer")
def barrer_reportes() -> int:
    """Send the reports that are due; runs every minute."""
    return envio.barrer_reportes()
