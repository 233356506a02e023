"""Where affiliates are paid."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from afiliados.afiliado.models import Afiliado


class TipoCuenta(models.TextChoices):
    """What kind of account an affiliate is paid to."""

    IBAN = "iban", _("Cuenta bancaria")
    STRIPE = "stripe", _("Cuenta conectada de Stripe")


class CuentaBancaria(models.Model):
    """Where an affiliate is paid: an IBAN or, by ``tipo``, a connected account of Stripe.

    The number is encrypted; ``destino_final`` is its last four characters. ``pais`` and ``bic`` are
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
    destino_cifrado = models.TextField(editable=False)
    destino_final = models.CharField(_("termina en"), max_length=4, editable=False)
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
        return f"{self.pais or 'Stripe'} …{self.destino_final}"
