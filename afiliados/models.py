"""Affiliates and API keys."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from afiliados.estados import EstadoAfiliado
from alpespartner.comun.campos import (
    campo_dinero,
    campo_id_publico,
    campo_moneda,
    campo_porcentaje,
)


class TipoAfiliado(models.TextChoices):
    """Commercial type; a premium affiliate earns its premium rate."""

    ESTANDAR = "estandar", _("Estándar")
    PREMIUM = "premium", _("Premium")


class Nivel(models.TextChoices):
    """Loyalty level."""

    BRONCE = "bronce", _("Bronce")
    PLATA = "plata", _("Plata")
    ORO = "oro", _("Oro")
    PLATINO = "platino", _("Platino")
    DIAMANTE = "diamante", _("Diamante")


class Afiliado(models.Model):
    """A partner who brings sales.

    Rates are percentages (15 means 15 %); NULL inherits the campaign's, 0 means no commission.
    ``comision_fija`` is an amount per order in ``moneda_comision`` and is used only for conversions
    in that currency.
    """

    id_publico = campo_id_publico()
    referencia_externa = models.CharField(
        _("referencia externa"),
        max_length=64,
        unique=True,
        null=True,
        blank=True,
    )
    nombre = models.CharField(_("nombre"), max_length=200)
    email = models.EmailField(_("correo"), max_length=254)
    telefono = models.CharField(_("teléfono"), max_length=32, blank=True)
    documento_tipo = models.CharField(_("tipo de documento"), max_length=16, blank=True)
    documento_numero = models.CharField(
        _("número de documento"),
        max_length=32,
        null=True,
        blank=True,
    )
    tipo_afiliado = models.CharField(
        _("tipo"), max_length=16, choices=TipoAfiliado.choices, default=TipoAfiliado.ESTANDAR
    )
    nivel = models.CharField(_("nivel"), max_length=16, choices=Nivel.choices, default=Nivel.BRONCE)
    referente = models.ForeignKey(
        "self",
        verbose_name=_("referente"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="referidos",
    )
    comision_base = campo_porcentaje(_("comisión base (%)"), null=True, blank=True)
    comision_premium = campo_porcentaje(_("comisión premium (%)"), null=True, blank=True)
    comision_fija = campo_dinero(_("comisión fija por venta"), null=True, blank=True)
    moneda_comision = campo_moneda(blank=True)
    minimo_pago = campo_dinero(_("mínimo de pago"), null=True, blank=True)
    estado = models.CharField(
        _("estado"),
        max_length=16,
        choices=EstadoAfiliado.choices,
        default=EstadoAfiliado.PENDIENTE,
        editable=False,
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    creado_en = models.DateTimeField(_("registrado"), default=timezone.now, editable=False)
    actualizado_en = models.DateTimeField(_("actualizado"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("afiliado")
        verbose_name_plural = _("afiliados")
        constraints = [
            models.UniqueConstraint(
                fields=["documento_tipo", "documento_numero"], name="afiliado_documento_unico"
            ),
            models.CheckConstraint(
                condition=(Q(comision_base__isnull=True) | Q(comision_base__range=(0, 100)))
                & (Q(comision_premium__isnull=True) | Q(comision_premium__range=(0, 100))),
                name="afiliado_porcentajes",
            ),
        ]
        indexes = [
            models.Index(fields=["estado", "id"], name="afiliado_estado"),
            models.Index(fields=["email"], name="afiliado_email"),
            models.Index(fields=["nombre"], name="afiliado_nombre"),
        ]
        permissions = [
            ("cambiar_estado_afiliado", _("Puede activar, suspender, bloquear y cerrar afiliados")),
        ]

    def __str__(self) -> str:
        return self.nombre

    @property
    def tasa_propia(self) -> Decimal | None:
        """Percentage agreed with this affiliate, or None when it inherits the campaign's."""
        if self.tipo_afiliado == TipoAfiliado.PREMIUM and self.comision_premium is not None:
            return self.comision_premium
        return self.comision_base


class TipoCuenta(models.TextChoices):
    """What kind of account an affiliate is paid to."""

    IBAN = "iban", _("Cuenta bancaria")
    STRIPE = "stripe", _("Cuenta conectada de Stripe")


class CuentaBancaria(models.Model):
    """Where an affiliate is paid: an IBAN or, by ``tipo``, a connected account of Stripe.

    The number is encrypted; ``iban_final`` is its last four characters. ``pais`` and ``bic`` are
    empty in an account of Stripe. ``huella`` is a keyed digest of holder, number and bank: it
    changes when any of them does.
    Nothing is paid to it before ``utilizable_en``.
    """

    afiliado = models.OneToOneField(
        Afiliado, verbose_name=_("afiliado"), on_delete=models.PROTECT, related_name="cuenta"
    )
    tipo = models.CharField(
        _("tipo"),
        max_length=8,
        choices=TipoCuenta.choices,
        default=TipoCuenta.IBAN,
        editable=False,
    )
    titular = models.CharField(_("titular"), max_length=70)
    iban_cifrado = models.TextField(editable=False)
    iban_final = models.CharField(_("termina en"), max_length=4, editable=False)
    pais = models.CharField(_("país"), max_length=2, editable=False)
    bic = models.CharField(_("BIC"), max_length=11, blank=True)
    huella = models.CharField(max_length=64, editable=False)
    utilizable_en = models.DateTimeField(_("se puede usar desde"), editable=False)
    cambiada_por = models.CharField(_("cambiada por"), max_length=80, editable=False)
    actualizado_en = models.DateTimeField(_("actualizada"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("cuenta bancaria")
        verbose_name_plural = _("cuentas bancarias")

    def __str__(self) -> str:
        return f"{self.pais or 'Stripe'} …{self.iban_final}"


class Alcance(models.TextChoices):
    """What an API key may do."""

    AFILIADOS_LEER = "afiliados:leer", _("Leer afiliados")
    AFILIADOS_ESCRIBIR = "afiliados:escribir", _("Registrar afiliados")
    AFILIADOS_ACTIVAR = "afiliados:activar", _("Registrar afiliados ya activos")
    CAMPANAS_LEER = "campanas:leer", _("Leer campañas")
    CONVERSIONES_LEER = "conversiones:leer", _("Leer conversiones")
    CONVERSIONES_ESCRIBIR = "conversiones:escribir", _("Registrar conversiones")
    COMISIONES_LEER = "comisiones:leer", _("Leer comisiones")
    COMISIONES_ESCRIBIR = "comisiones:escribir", _("Calcular comisiones")
    COMISIONES_APROBAR = "comisiones:aprobar", _("Aprobar y rechazar comisiones")
    OUTBOX_LEER = "outbox:leer", _("Leer los eventos")


# A key of one affiliate only looks: what it earns is decided by others.
ALCANCES_DE_AFILIADO = frozenset(a for a in Alcance.values if a.endswith(":leer")) - {
    Alcance.OUTBOX_LEER
}


class ClaveAPI(models.Model):
    """Key of an integration. The secret is shown once and kept as a SHA-256 digest.

    With an ``afiliado`` it sees only that affiliate's objects.
    """

    id_clave = models.CharField(_("clave"), max_length=16, unique=True, editable=False)
    huella = models.CharField(max_length=64, editable=False)
    nombre = models.CharField(_("nombre"), max_length=100)
    titular = models.CharField(_("titular"), max_length=100)
    afiliado = models.ForeignKey(
        Afiliado,
        verbose_name=_("afiliado"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="claves",
    )
    alcances = models.JSONField(_("alcances"), default=list)
    creada_en = models.DateTimeField(_("creada"), default=timezone.now, editable=False)
    expira_en = models.DateTimeField(_("expira"), null=True, blank=True)
    revocada_en = models.DateTimeField(_("revocada"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("clave de API")
        verbose_name_plural = _("claves de API")

    def __str__(self) -> str:
        return f"{self.nombre} (ap_{self.id_clave}_…)"

    def permite(self, alcance: str) -> bool:
        """Whether the key holds a scope."""
        return alcance in self.alcances

    @property
    def vigente(self) -> bool:
        """Whether the key is neither revoked nor expired."""
        ahora: Any = timezone.now()
        return self.revocada_en is None and (self.expira_en is None or self.expira_en > ahora)
