"""Celery task of the ledger."""

from __future__ import annotations

from celery import shared_task

from comisiones.libro.cadena import sellar_dias


@shared_task(name="libro.sellar")
def sellar() -> int:
    """Seal the days that closed; runs every hour."""
    return len(sellar_dias())
