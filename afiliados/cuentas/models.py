"""Where affiliates are paid."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from afiliados.afiliado.models import Afiliado


class TipoCuenta(models.TextChoices):
    """What kind of account an affiliate is paid to."""

    IBAN = "iban", _("Cuenta bancaria")
    STRIPE = "stripe", _("Cuenta conectada de Stripe")


def en_espera(ruta: str = "") -> Q:
    """Accounts that nothing is paid to yet: in their wait, or without a second person.

    ``ruta`` leads to the account (``afiliado__cuenta__``); rows without one are not in it.
    """
    return Q(**{f"{ruta}utilizable_en__gt": timezone.now()}) | Q(
        **{f"{ruta}pk__isnull": False, f"{ruta}confirmada_en__isnull": True}
    )


class CuentaBancaria(models.Model):
    """Where an affiliate is paid: an IBAN or, by ``tipo``, a connected account of Stripe.

    The number is encrypted; ``destino_final`` is its last four characters. ``pais`` and ``bic`` are
    empty in an account of Stripe. ``huella`` is a keyed digest of holder, number and bank: it
    changes when any of them does.
    Nothing is paid to it before ``utilizable_en``, nor before a second person confirms it.
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
    confirmada_por = models.CharField(
        _("confirmada por"), max_length=80, blank=True, editable=False
    )
    confirmada_en = models.DateTimeField(_("confirmada"), null=True, editable=False)
    actualizado_en = models.DateTimeField(_("actualizada"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("cuenta bancaria")
        verbose_name_plural = _("cuentas bancarias")
        indexes = [models.Index(fields=["confirmada_en", "id"], name="cuenta_por_confirmar")]
        permissions = [
            ("confirmar_cuentabancaria", _("Puede confirmar cuentas que guardó otra persona")),
        ]

    def __str__(self) -> str:
        return f"{self.pais or 'Stripe'} …{self.destino_final}"

    @property
    def utilizable(self) -> bool:
        """Whether it may be paid to now: the rule of :func:`en_espera`, for one that was read."""
        return self.confirmada_en is not None and self.utilizable_en <= timezone.now()

    def reiniciar_espera(self) -> None:
        """Begin its wait again, in the caller's transaction: its owner may be somebody else now."""
        self.utilizable_en = timezone.now() + timedelta(hours=settings.CUENTA_HORAS_ESPERA)
        self.save(update_fields=["utilizable_en"])
