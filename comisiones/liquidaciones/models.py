"""Numbered documents and their series."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.db.campos import CampoJSON, campo_dinero, campo_id_publico, campo_moneda
from alpespartner.comun.models import SoloInsercion
from comisiones.pagos.models import Pago


class TipoLiquidacion(models.TextChoices):
    """What a document says of its payment."""

    LIQUIDACION = "liquidacion", _("Liquidación")
    RECTIFICATIVA = "rectificativa", _("Rectificativa")


class SerieLiquidacion(models.Model):
    """Last number given in a series: whoever takes the next one holds the series' turn until it
    commits, so a transaction that is undone leaves no gap."""

    serie = models.CharField(_("serie"), max_length=12, unique=True)
    ultimo = models.PositiveIntegerField(_("último número"), default=0)

    class Meta:
        verbose_name = _("serie de liquidaciones")
        verbose_name_plural = _("series de liquidaciones")

    def __str__(self) -> str:
        return self.serie


class Liquidacion(SoloInsercion):
    """What the programme invoices itself on behalf of an affiliate for a payment.

    ``importe`` is in the main unit of ``moneda``; negative in a ``rectificativa``, which undoes the
    document of a payment that the bank sent back. ``emisor`` and ``receptor`` are who they were
    when it was issued; its lines are those of the payment, which never change.
    """

    id_publico = campo_id_publico()
    serie = models.CharField(_("serie"), max_length=12)
    numero = models.PositiveIntegerField(_("número"))
    tipo = models.CharField(_("tipo"), max_length=16, choices=TipoLiquidacion.choices)
    pago = models.ForeignKey(
        Pago, verbose_name=_("pago"), on_delete=models.PROTECT, related_name="liquidaciones"
    )
    afiliado = models.ForeignKey(
        Afiliado,
        verbose_name=_("afiliado"),
        on_delete=models.PROTECT,
        related_name="liquidaciones",
    )
    importe = campo_dinero(_("importe"))
    moneda = campo_moneda()
    emisor = CampoJSON(_("emisor"))
    receptor = CampoJSON(_("receptor"))
    emitida_en = models.DateTimeField(_("emitida"), default=timezone.now)

    class Meta:
        verbose_name = _("liquidación")
        verbose_name_plural = _("liquidaciones")
        constraints = [
            models.UniqueConstraint(fields=["serie", "numero"], name="liquidacion_numero_unico"),
            models.UniqueConstraint(fields=["pago", "tipo"], name="liquidacion_una_por_pago"),
        ]
        indexes = [
            models.Index(fields=["afiliado", "id"], name="liquidacion_afiliado"),
            models.Index(fields=["tipo", "id"], name="liquidacion_tipo"),
        ]

    @property
    def numero_completo(self) -> str:
        """As printed: ``2026-000042``."""
        return f"{self.serie}-{self.numero:06d}"

    def __str__(self) -> str:
        return self.numero_completo
