"""Mail waiting to be sent, and sent."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from afiliados.afiliado.models import Afiliado
from comisiones.liquidaciones.models import Liquidacion


class EstadoNotificacion(models.TextChoices):
    """Life of a mail."""

    PENDIENTE = "pendiente", _("Pendiente")
    ENVIANDO = "enviando", _("Enviando")
    ENVIADA = "enviada", _("Enviada")
    FALLIDA = "fallida", _("Fallida")


class Notificacion(models.Model):
    """One mail for one event, to the affiliate's address as it is when it is sent.

    ``tambien_a`` are other addresses to tell, encrypted: those that somebody replaced.
    """

    evento_id = models.CharField(_("evento"), max_length=36, unique=True)
    afiliado = models.ForeignKey(
        Afiliado, verbose_name=_("afiliado"), on_delete=models.PROTECT, related_name="+"
    )
    liquidacion = models.ForeignKey(
        Liquidacion,
        verbose_name=_("documento adjunto"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    asunto = models.CharField(_("asunto"), max_length=200)
    cuerpo = models.TextField(_("cuerpo"))
    tambien_a = models.TextField(blank=True, editable=False)
    estado = models.CharField(
        _("estado"),
        max_length=16,
        choices=EstadoNotificacion.choices,
        default=EstadoNotificacion.PENDIENTE,
    )
    intentos = models.PositiveSmallIntegerField(_("intentos"), default=0)
    detalle = models.CharField(_("detalle"), max_length=200, blank=True)
    creada_en = models.DateTimeField(_("creada"), default=timezone.now)
    actualizada_en = models.DateTimeField(_("actualizada"), default=timezone.now)

    class Meta:
        verbose_name = _("notificación")
        verbose_name_plural = _("notificaciones")
        indexes = [
            models.Index(fields=["estado", "actualizada_en"], name="notificacion_estado"),
        ]

    def __str__(self) -> str:
        return self.asunto
