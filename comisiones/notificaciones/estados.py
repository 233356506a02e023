"""What a mail is about and what became of it; what a digest tells."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class EstadoNotificacion(models.TextChoices):
    """Life of a mail. One that failed is tried again while it waits; ``fallida`` is set aside."""

    PENDIENTE = "pendiente", _("Pendiente")
    ENVIANDO = "enviando", _("Enviando")
    ENVIADA = "enviada", _("Enviada")
    FALLIDA = "fallida", _("Fallida")


# Those that the task sends, or looks at again.
EN_ESPERA = (EstadoNotificacion.PENDIENTE, EstadoNotificacion.ENVIANDO)
# Those that a person may send again, and that are forgotten after a while.
ACABADAS = (EstadoNotificacion.ENVIADA, EstadoNotificacion.FALLIDA)


class ClaseNotificacion(models.TextChoices):
    """What a mail is about."""

    RESUMEN = "resumen", _("Resumen")
    PAGO = "pago", _("Pago enviado")
    PAGO_DEVUELTO = "pago_devuelto", _("Pago devuelto")
    PAGO_FALLIDO = "pago_fallido", _("Pago no hecho")
    CUENTA = "cuenta", _("Cuenta bancaria")
    CORREO = "correo", _("Cambio de correo")
    # Whether its account is active: also that it is not any more.
    ACTIVACION = "activacion", _("Activación")
    # Only of mails from before there were digests.
    COMISION = "comision", _("Comisión aprobada")


class ClaseNovedad(models.TextChoices):
    """What happened to what an affiliate earns, in the order in which a digest tells it."""

    APROBADA = "aprobada", _("Aprobadas")
    QUITADA = "quitada", _("Quitadas por devoluciones")
    RECHAZADA = "rechazada", _("Rechazadas")
    ANULADA = "anulada", _("Anuladas")
    AJUSTE = "ajuste", _("Ajustes")
    RETENIDA = "retenida", _("Retenidas")
    DEVUELTA = "devuelta", _("Otra vez en revisión")
