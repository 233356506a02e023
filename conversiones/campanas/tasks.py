"""Celery tasks of campaigns."""

from __future__ import annotations

from celery import shared_task

from alpespartner.comun.actores import sistema
from conversiones.campanas.services import finalizar_vencidas

ACTOR = sistema("campanas")


@shared_task(name="campanas.finalizar")
def finalizar() -> int:
    """End the campaigns whose date has gone by; runs every minute."""
    return finalizar_vencidas(actor=ACTOR)
