"""Mail waiting to be sent, and sent; and what waits to be told in a digest."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.db.campos import campo_dinero, campo_moneda
from comisiones.liquidaciones.models import Liquidacion
from comisiones.notificaciones.estados import ClaseNotificacion, ClaseNovedad, EstadoNotificacion


class Notificacion(models.Model):
    """One mail, of one event or of one day, to the affiliate's address as it is when it is sent.

    ``evento_id`` is the event's, or a digest's own. A digest has its ``dia``: the day, in the
    programme's zone, at whose hour it was due, of which an affiliate has one. ``tambien_a`` are
    other addresses to tell, encrypted: those that somebody replaced. ``vez`` counts the times that
    a person had it sent again.
    """

    evento_id = models.CharField(_("evento"), max_length=36, unique=True)
    afiliado = models.ForeignKey(
        Afiliado, verbose_name=_("afiliado"), on_delete=models.PROTECT, related_name="+"
    )
    clase = models.CharField(
        _("de qué"), max_length=16, choices=ClaseNotificacion, default=ClaseNotificacion.COMISION
    )
    dia = models.DateField(_("día del resumen"), null=True)
    liquidacion = models.ForeignKey(
        Liquidacion,
        verbose_name=_("documento adjunto"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    asunto = models.CharField(_("asunto"), max_length=200)
    cuerpo = models.TextField(_("texto"))
    html = models.TextField(_("texto con formato"), blank=True, editable=False)
    tambien_a = models.TextField(blank=True, editable=False)
    estado = models.CharField(
        _("estado"),
        max_length=16,
        choices=EstadoNotificacion,
        default=EstadoNotificacion.PENDIENTE,
    )
    intentos = models.PositiveSmallIntegerField(_("intentos fallidos"), default=0)
    vez = models.PositiveSmallIntegerField(_("reenvíos"), default=0)
    detalle = models.CharField(_("por qué no salió"), max_length=200, blank=True)
    # When it is tried, or tried again; while it is being sent, when somebody else may.
    toca_en = models.DateTimeField(_("próximo intento"), default=timezone.now)
    creada_en = models.DateTimeField(_("escrita"), default=timezone.now)
    enviada_en = models.DateTimeField(_("enviada"), null=True)

    class Meta:
        verbose_name = _("correo")
        verbose_name_plural = _("correos")
        constraints = [
            models.UniqueConstraint(fields=["afiliado", "dia"], name="resumen_del_dia"),
        ]
        indexes = [
            models.Index(fields=["estado", "toca_en"], name="notificacion_toca"),
            models.Index(fields=["creada_en"], name="notificacion_creada"),
            # The lists, by what they are filtered with.
            models.Index(fields=["estado", "id"], name="notificacion_estado"),
            models.Index(fields=["clase", "id"], name="notificacion_clase"),
            models.Index(fields=["afiliado", "id"], name="notificacion_afiliado"),
        ]
        permissions = [("reenviar_notificacion", _("Puede enviar otra vez un correo"))]

    def __str__(self) -> str:
        return self.asunto


class Novedad(models.Model):
    """One thing that happened to what an affiliate earns, which its next digest tells.

    ``evento_id`` is the event that told it: twice the same is once. ``referencia`` is the order's,
    ``motivo`` why, in Spanish (what the system says is translated when it is told). Without
    ``notificacion`` it waits, until ``toca_en``.
    """

    evento_id = models.CharField(_("evento"), max_length=36, unique=True)
    afiliado = models.ForeignKey(
        Afiliado, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    notificacion = models.ForeignKey(
        Notificacion, on_delete=models.PROTECT, null=True, related_name="novedades", db_index=False
    )
    clase = models.CharField(_("de qué"), max_length=16, choices=ClaseNovedad)
    referencia = models.CharField(_("referencia"), max_length=128, blank=True)
    monto = campo_dinero(_("monto"))
    moneda = campo_moneda()
    motivo = models.CharField(_("motivo"), max_length=500, blank=True)
    ocurrida_en = models.DateTimeField(_("fecha"))
    toca_en = models.DateTimeField(_("se cuenta"))

    class Meta:
        verbose_name = _("novedad")
        verbose_name_plural = _("novedades")
        indexes = [
            # What is due, without touching what is not.
            models.Index(fields=["notificacion", "toca_en", "afiliado"], name="novedad_debida"),
            models.Index(fields=["afiliado", "notificacion"], name="novedad_afiliado"),
        ]

    def __str__(self) -> str:
        return f"{self.clase} {self.referencia}"
