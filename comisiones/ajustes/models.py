"""Adjustments, and what each refund took back from each commission."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.db.campos import campo_dinero, campo_id_publico, campo_moneda
from alpespartner.comun.models import SoloInsercion
from comisiones.ajustes.estados import EstadoAjuste
from conversiones.ventas.models import MovimientoConversion


class TipoAjuste(models.TextChoices):
    """Why an adjustment exists."""

    REVERSO = "reverso", _("Devolución de una venta ya pagada")
    ESCALA = "escala", _("Venta que llegó tarde a su periodo")
    RENOVACION = "renovacion", _("Cambio en las ventas de un cliente")
    BONO = "bono", _("Bono")
    CORRECCION = "correccion", _("Corrección")
    CLAWBACK = "clawback", _("Recuperación")
    PAGO_DEVUELTO = "pago_devuelto", _("Pago devuelto por el banco")
    REASIGNACION = "reasignacion", _("Venta reasignada")


# What a person may draft; the others are made by the system from a fact.
MANUALES = (TipoAjuste.BONO, TipoAjuste.CORRECCION, TipoAjuste.CLAWBACK)


class Ajuste(models.Model):
    """An amount that changes what we owe an affiliate: positive in its favour, in ``moneda``.

    Posted ones never change; they net with what is owed.
    """

    id_publico = campo_id_publico()
    afiliado = models.ForeignKey(
        Afiliado, verbose_name=_("afiliado"), on_delete=models.PROTECT, related_name="ajustes"
    )
    comision = models.ForeignKey(
        "comisiones.Comision",
        verbose_name=_("comisión"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="ajustes",
    )
    tipo = models.CharField(_("tipo"), max_length=16, choices=TipoAjuste.choices)
    monto = campo_dinero(_("monto"))
    moneda = campo_moneda()
    # What we say among us; the affiliate reads ``concepto`` and never this.
    motivo = models.CharField(_("motivo interno"), max_length=500)
    concepto = models.CharField(_("concepto para el afiliado"), max_length=200, blank=True)
    estado = models.CharField(
        _("estado"),
        max_length=16,
        choices=EstadoAjuste.choices,
        default=EstadoAjuste.BORRADOR,
        editable=False,
    )
    creado_por = models.CharField(_("creado por"), max_length=80, editable=False)
    aprobado_por = models.CharField(_("aprobado por"), max_length=80, blank=True, editable=False)
    contabilizado_en = models.DateTimeField(_("contabilizado"), null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    creado_en = models.DateTimeField(_("creado"), default=timezone.now, editable=False)
    actualizado_en = models.DateTimeField(_("actualizado"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("ajuste")
        verbose_name_plural = _("ajustes")
        constraints = [
            models.CheckConstraint(condition=~Q(monto=0), name="ajuste_no_cero"),
        ]
        indexes = [
            models.Index(fields=["estado", "id"], name="ajuste_estado"),
            models.Index(fields=["afiliado", "estado", "moneda"], name="ajuste_afiliado"),
            models.Index(fields=["afiliado", "id"], name="ajuste_de_afiliado"),
            models.Index(fields=["tipo", "id"], name="ajuste_tipo"),
        ]
        permissions = [("aprobar_ajuste", _("Puede aprobar y descartar ajustes"))]

    def __str__(self) -> str:
        return self.id_publico

    @property
    def publico(self) -> str:
        """What its affiliate reads of it: the concept, or what kind of adjustment it is."""
        return self.concepto or str(self.get_tipo_display())


class Reverso(SoloInsercion):
    """What a refund took back from a commission: ``monto`` in its currency, 0 when rounding left
    nothing. With ``ajuste`` the commission was already in a payment and stays as it was."""

    id_publico = campo_id_publico()
    comision = models.ForeignKey(
        "comisiones.Comision",
        verbose_name=_("comisión"),
        on_delete=models.PROTECT,
        related_name="reversos",
    )
    movimiento = models.ForeignKey(
        MovimientoConversion,
        verbose_name=_("movimiento"),
        on_delete=models.PROTECT,
        related_name="reversos",
    )
    monto = campo_dinero(_("monto"))
    moneda = campo_moneda()
    ajuste = models.OneToOneField(
        Ajuste,
        verbose_name=_("ajuste"),
        on_delete=models.PROTECT,
        null=True,
        related_name="reverso",
    )
    creado_en = models.DateTimeField(_("fecha"), default=timezone.now)

    class Meta:
        verbose_name = _("reverso")
        verbose_name_plural = _("reversos")
        constraints = [
            models.UniqueConstraint(fields=["comision", "movimiento"], name="reverso_unico"),
            models.CheckConstraint(condition=Q(monto__gte=0), name="reverso_no_negativo"),
        ]

    def __str__(self) -> str:
        return self.id_publico
