"""Celery tasks of the path."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings

from outbox.canario import emitir_canario


@shared_task(name="outbox.canario")
def canario() -> None:
    """Write a canary row; only the real stream needs one."""
    if settings.EVENTOS_TRANSPORTE != "embebido":
        emitir_canario()
