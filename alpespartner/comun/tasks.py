"""Celery tasks of the kernel."""

from __future__ import annotations

from celery import shared_task

from alpespartner.comun.acceso import correos, sesiones
from alpespartner.comun.admin.exportar import fuente
from alpespartner.comun.exportacion import avance
from alpespartner.comun.exportacion.services import purgar_exportaciones
from alpespartner.comun.idempotencia import purgar
from alpespartner.comun.propuestas.services import caducar_propuestas
from alpespartner.comun.tachado import tachar_pendientes


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


@shared_task(name="comun.tachar")
def tachar() -> int:
    """Cross who was erased out of what people wrote of their objects; runs every minute."""
    return tachar_pendientes()


@shared_task(name="exportaciones.avanzar")
def avanzar_exportacion(exportacion_pk: int) -> None:
    """Go on with a list that is written as a file."""
    avance.avanzar_exportacion(exportacion_pk=exportacion_pk, fuente=fuente)


@shared_task(name="exportaciones.barrer")
def barrer_exportaciones() -> int:
    """Queue the exports that lost their task; runs every second."""
    return avance.barrer_exportaciones()


@shared_task(name="exportaciones.purgar")
def purgar_ficheros() -> int:
    """Delete the files that were kept long enough; runs every hour."""
    return purgar_exportaciones()
