"""Celery tasks of the kernel."""

from __future__ import annotations

from celery import shared_task

from alpespartner.comun.acceso import correos, sesiones
from alpespartner.comun.idempotencia import purgar
from alpespartner.comun.propuestas.services import caducar_propuestas


@shared_task(name="comun.purgar_idempotencia")
def purgar_idempotencia() -> int:
    """Forget the answers that nobody asks for again; runs every hour."""
    return purgar()


@shared_task(name="acceso.enviar_correo")
def enviar_correo() -> int:
    """Send the mail to the staff that waits; runs every few seconds."""
    return correos.enviar_pendientes()


@shared_task(name="acceso.purgar_sesiones")
def purgar_sesiones() -> int:
    """Forget the sessions that ran out; runs every hour."""
    return sesiones.purgar()


@shared_task(name="comun.caducar_propuestas")
def caducar() -> int:
    """Close the proposals that nobody confirmed in time; runs every few minutes."""
    return caducar_propuestas()
