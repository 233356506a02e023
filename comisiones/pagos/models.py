"""Payments, what they pay, and each attempt to send one."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from afiliados.models import Afiliado
from alpespartner.comun.campos import campo_dinero, campo_id_publico, campo_moneda
from alpespartner.comun.models import SoloInsercion
from comisiones.estados import EstadoPago


class Pago(models.Model):
    """Money to one affiliate: ``importe`` in the main unit of ``moneda``."""

    id_publico = campo_id_publico()
    afiliado = models.ForeignKey(
        Afiliado, verbose_name=_("afiliado"), on_delete=models.PROTECT, related_name="pagos"
    )
    importe = campo_dinero(_("importe"))
    moneda = campo_moneda()
    estado = models.CharField(
        _("estado"), max_length=16, choices=EstadoPago.choices, default=EstadoPago.LISTO
    )
    pasarela = models.CharField(_("pasarela"), max_length=32)
    detalle = models.CharField(_("detalle"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)
    creado_en = models.DateTimeField(_("creado"), default=timezone.now)
    actualizado_en = models.DateTimeField(_("actualizado"), default=timezone.now)
    pagado_en = models.DateTimeField(_("pagado en"), null=True)

    class Meta:
        verbose_name = _("pago")
        verbose_name_plural = _("pagos")
        constraints = [
            models.CheckConstraint(condition=Q(importe__gt=0), name="pago_positivo"),
        ]
        indexes = [
            models.Index(fields=["estado", "actualizado_en"], name="pago_estado"),
        ]
        permissions = [("reintentar_pago", _("Puede reintentar pagos fallidos"))]

    def __str__(self) -> str:
        return self.id_publico


class ItemPago(models.Model):
    """A commission inside a payment.

    ``comision_viva`` repeats the commission while the payment may still pay it and is NULL after it
    failed for certain: its uniqueness is what makes a second live payout impossible.
    """

    pago = models.ForeignKey(Pago, on_delete=models.PROTECT, related_name="items")
    comision = models.ForeignKey(
        "comisiones.Comision", on_delete=models.PROTECT, related_name="items_pago"
    )
    comision_viva = models.OneToOneField(
        "comisiones.Comision", on_delete=models.PROTECT, null=True, related_name="item_vivo"
    )
    importe = campo_dinero(_("importe"))
    moneda = campo_moneda()

    class Meta:
        verbose_name = _("comisión del pago")
        verbose_name_plural = _("comisiones del pago")

    def __str__(self) -> str:
        return f"{self.pago_id} {self.comision_id}"


class IntentoPago(SoloInsercion):
    """Intent to send a payment, committed before the gateway is called.

    The same ``clave`` goes with every repetition, so that the gateway pays it once.
    """

    pago = models.ForeignKey(Pago, on_delete=models.PROTECT, related_name="intentos")
    clave = models.CharField(_("clave de idempotencia"), max_length=64, unique=True)
    huella = models.CharField(_("huella de la orden"), max_length=64)
    creado_en = models.DateTimeField(_("fecha"), default=timezone.now)

    class Meta:
        verbose_name = _("intento de pago")
        verbose_name_plural = _("intentos de pago")

    def __str__(self) -> str:
        return self.clave
