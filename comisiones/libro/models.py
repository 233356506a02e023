"""Entries and lines of the ledger."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.db.campos import campo_dinero, campo_id_publico, campo_moneda
from alpespartner.comun.models import SoloInsercion


class Cuenta(models.TextChoices):
    """Chart of accounts; ``por_pagar`` has one subaccount per affiliate."""

    GASTO_COMISIONES = "gasto_comisiones", _("Gasto en comisiones")
    POR_PAGAR = "por_pagar", _("Por pagar a afiliados")
    COMPENSACION = "compensacion", _("Pagos en curso")
    BANCO = "banco", _("Banco")
    RETENCION = "retencion", _("Retenciones")
    CAMBIO = "cambio", _("Diferencias de cambio")


class TipoAsiento(models.TextChoices):
    """What an entry records."""

    APROBACION = "aprobacion", _("Comisión aprobada")
    PAGO = "pago", _("Pago enviado")
    LIQUIDACION = "liquidacion", _("Pago liquidado")
    IMPAGO = "impago", _("Pago no hecho")
    ANULACION = "anulacion", _("Comisión anulada")
    REVERSO = "reverso", _("Devolución de la venta")
    AJUSTE = "ajuste", _("Ajuste")
    DEVOLUCION = "devolucion", _("Comisión devuelta a revisión")
    # Of a commission that was approved, or voided, before.
    REAPROBACION = "reaprobacion", _("Comisión aprobada otra vez")
    REANULACION = "reanulacion", _("Comisión anulada otra vez")


class Asiento(SoloInsercion):
    """A balanced entry. (``origen``, ``tipo``, ``vez``) is unique: a fact is posted once, and one
    that happens again has its number."""

    id_publico = campo_id_publico()
    tipo = models.CharField(_("tipo"), max_length=16, choices=TipoAsiento.choices)
    origen = models.CharField(_("origen"), max_length=40)
    vez = models.PositiveSmallIntegerField(_("vez"), default=1)
    creado_en = models.DateTimeField(_("fecha"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("asiento")
        verbose_name_plural = _("asientos")
        constraints = [
            models.UniqueConstraint(fields=["origen", "tipo", "vez"], name="asiento_unico")
        ]

    def __str__(self) -> str:
        return f"{self.get_tipo_display()} {self.origen}"


class Apunte(SoloInsercion):
    """A line: a debit is positive, a credit negative, in the main unit of ``moneda``."""

    asiento = models.ForeignKey(
        Asiento, verbose_name=_("asiento"), on_delete=models.PROTECT, related_name="apuntes"
    )
    cuenta = models.CharField(_("cuenta"), max_length=24, choices=Cuenta.choices)
    afiliado = models.ForeignKey(
        Afiliado,
        verbose_name=_("afiliado"),
        on_delete=models.PROTECT,
        null=True,
        related_name="apuntes",
    )
    importe = campo_dinero(_("importe"))
    moneda = campo_moneda()

    class Meta:
        verbose_name = _("apunte")
        verbose_name_plural = _("apuntes")
        indexes = [
            # Covers the balance of an affiliate.
            models.Index(fields=["afiliado", "cuenta", "moneda", "importe"], name="apunte_saldo"),
            models.Index(fields=["afiliado", "id"], name="apunte_afiliado"),
            models.Index(fields=["cuenta", "id"], name="apunte_cuenta"),
        ]

    def __str__(self) -> str:
        return f"{self.get_cuenta_display()} {self.importe:f} {self.moneda}"


class SelloDiario(SoloInsercion):
    """Seal of a closed day (UTC): what it holds, and the day before's seal (see ``cadena``)."""

    dia = models.DateField(_("día"), unique=True)
    asientos = models.PositiveIntegerField(_("asientos"))
    huella = models.CharField(_("huella de los asientos"), max_length=64)
    anterior = models.CharField(_("sello anterior"), max_length=64, blank=True)
    sello = models.CharField(_("sello"), max_length=64)

    class Meta:
        verbose_name = _("sello del libro")
        verbose_name_plural = _("sellos del libro")

    def __str__(self) -> str:
        return f"{self.dia:%Y-%m-%d}"


class SaldoSellado(SoloInsercion):
    """Balance of an account at the end of a sealed day, debit positive, in units of ``moneda``."""

    sello = models.ForeignKey(
        SelloDiario, verbose_name=_("sello"), on_delete=models.PROTECT, related_name="saldos"
    )
    cuenta = models.CharField(_("cuenta"), max_length=24, choices=Cuenta.choices)
    importe = campo_dinero(_("importe"))
    moneda = campo_moneda()

    class Meta:
        verbose_name = _("saldo sellado")
        verbose_name_plural = _("saldos sellados")
        constraints = [
            models.UniqueConstraint(fields=["sello", "cuenta", "moneda"], name="saldo_sellado"),
        ]

    def __str__(self) -> str:
        return f"{self.sello_id} {self.cuenta} {self.moneda}"


class Eslabon(SoloInsercion):
    """Digest of an entry when its day was sealed: it tells which entry of a broken day changed."""

    sello = models.ForeignKey(
        SelloDiario, verbose_name=_("sello"), on_delete=models.PROTECT, related_name="eslabones"
    )
    asiento = models.OneToOneField(
        Asiento, verbose_name=_("asiento"), on_delete=models.PROTECT, related_name="eslabon"
    )
    huella = models.CharField(_("huella"), max_length=64)

    class Meta:
        verbose_name = _("eslabón del libro")
        verbose_name_plural = _("eslabones del libro")

    def __str__(self) -> str:
        return self.huella


class EslabonTardio(SoloInsercion):
    """An entry that was dated in a day already sealed, and was accepted: why, by whom and when.

    Its digest goes into the seal of the day in which it was accepted.
    """

    asiento = models.OneToOneField(
        Asiento, verbose_name=_("asiento"), on_delete=models.PROTECT, related_name="tardio"
    )
    huella = models.CharField(_("huella"), max_length=64)
    motivo = models.CharField(_("motivo"), max_length=500)
    autor = models.CharField(_("autor"), max_length=80)
    creado_en = models.DateTimeField(_("fecha"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("asiento aceptado tras su sello")
        verbose_name_plural = _("asientos aceptados tras su sello")

    def __str__(self) -> str:
        return self.huella
