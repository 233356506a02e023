"""Writing and sending mail to affiliates.

A mail server has no transactions: a mail whose sending was interrupted is sent again, so an
affiliate may get it twice but never misses it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from afiliados.models import Afiliado
from comisiones.notificaciones.models import EstadoNotificacion, Notificacion
from outbox.consumidores import Sobre

log = logging.getLogger(__name__)

INTENTOS = 5
# An interrupted or failed sending is tried again after this.
ESPERA = timedelta(minutes=2)


def _aprobada(datos: dict[str, Any]) -> tuple[str, str]:
    return _("Comisión aprobada"), _("Aprobamos tu comisión %(id)s de %(monto)s %(moneda)s.") % {
        "id": datos["comision_id"],
        "monto": datos["monto"],
        "moneda": datos["moneda"],
    }


def _pagado(datos: dict[str, Any]) -> tuple[str, str]:
    return _("Pago enviado"), _("Te pagamos %(importe)s %(moneda)s (pago %(id)s).") % {
        "id": datos["pago_id"],
        "importe": datos["importe"],
        "moneda": datos["moneda"],
    }


def _activado(datos: dict[str, Any]) -> tuple[str, str]:
    return _("Tu cuenta está activa"), _("Ya formas parte del programa: bienvenida o bienvenido.")


def _cuenta(datos: dict[str, Any]) -> tuple[str, str]:
    return _("Cambió tu cuenta bancaria"), _(
        "Tus pagos irán a la cuenta terminada en %(final)s desde el %(desde)s. Si no lo pediste, "
        "escríbenos ya: hasta entonces no sale nada."
    ) % {"final": datos["termina_en"], "desde": datos["utilizable_en"]}


TEXTOS = {
    "AfiliadoActivado": _activado,
    "ComisionAprobada": _aprobada,
    "CuentaBancariaCambiada": _cuenta,
    "PagoConfirmado": _pagado,
}


def redactar(sobres: Sequence[Sobre]) -> None:
    """Write a mail per event (of TEXTOS) in the caller's transaction; it is queued on commit."""
    datos = {sobre.id: sobre.datos for sobre in sobres}
    afiliados = dict(
        Afiliado.objects.filter(
            id_publico__in={d["afiliado_id"] for d in datos.values()}
        ).values_list("id_publico", "pk")
    )
    notificaciones = []
    for sobre in sobres:
        asunto, cuerpo = TEXTOS[sobre.tipo](datos[sobre.id])
        notificaciones.append(
            Notificacion(
                evento_id=sobre.id,
                afiliado_id=afiliados[datos[sobre.id]["afiliado_id"]],
                asunto=asunto,
                cuerpo=cuerpo,
            )
        )
    Notificacion.objects.bulk_create(notificaciones)
    transaction.on_commit(_despertar, robust=True)


def _despertar() -> None:
    from comisiones.notificaciones.tasks import enviar_pendientes

    enviar_pendientes.delay()


def enviar_pendientes(limite: int = 200) -> int:
    """Send what waits; returns how many mails went out."""
    ahora = timezone.now()
    elegibles = Notificacion.objects.filter(estado=EstadoNotificacion.PENDIENTE) | (
        Notificacion.objects.filter(
            estado__in=(EstadoNotificacion.ENVIANDO, EstadoNotificacion.FALLIDA),
            actualizada_en__lt=ahora - ESPERA,
            intentos__lt=INTENTOS,
        )
    )
    enviadas = 0
    for pk, version in elegibles.order_by("id").values_list("pk", "actualizada_en")[:limite]:
        enviadas += _enviar(pk, version)
    return enviadas


def _enviar(pk: int, version: Any) -> int:
    # Whoever changes the row first sends it.
    mias = Notificacion.objects.filter(pk=pk, actualizada_en=version).update(
        estado=EstadoNotificacion.ENVIANDO, actualizada_en=timezone.now()
    )
    if not mias:
        return 0
    notificacion = Notificacion.objects.select_related("afiliado").get(pk=pk)
    try:
        send_mail(notificacion.asunto, notificacion.cuerpo, None, [notificacion.afiliado.email])
        estado, detalle = EstadoNotificacion.ENVIADA, ""
    except OSError as exc:
        # smtplib's errors are OSErrors, too. Only the kind: their text may hold the address.
        log.warning("notificación %s: %s", pk, type(exc).__name__)
        estado, detalle = EstadoNotificacion.FALLIDA, type(exc).__name__
    Notificacion.objects.filter(pk=pk).update(
        estado=estado,
        detalle=detalle,
        intentos=notificacion.intentos + 1,
        actualizada_en=timezone.now(),
    )
    return int(estado == EstadoNotificacion.ENVIADA)
