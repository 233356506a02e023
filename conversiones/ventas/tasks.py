"""Celery tasks of sales."""

from __future__ import annotations

from celery import shared_task

from conversiones.ventas import mudanza
from conversiones.ventas.devoluciones import barrer_pendientes


@shared_task(name="devoluciones.barrer")
def barrer() -> int:
    """Apply the refunds whose sale is there; runs every minute."""
    return barrer_pendientes()


@shared_task(name="clientes.mover_ventas")
def mover_ventas(cliente_pk: int) -> None:
    """Take the sales of a customer to its new affiliate."""
    mudanza.mover_ventas(cliente_pk=cliente_pk)


@shared_task(name="clientes.barrer")
def barrer_mudanzas() -> int:
    """Queue again the customers whose sales are on their way; runs every minute."""
    return mudanza.barrer_mudanzas()
