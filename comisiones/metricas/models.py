"""The figures, what they hold of each row, and how far making them anew has come.

Rows are named by their keys and amounts are whole ten-thousandths, as in the counters and for the
same reasons.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.db.campos import campo_moneda
from alpespartner.comun.granos import ELEGIBLES_DIAS_Y_MESES, Grano

LARGO_CANAL = 64
LARGO_CODIGO = 64


def _suma(titulo: Any) -> models.BigIntegerField[int, int]:
    return models.BigIntegerField(titulo, default=0)


class Medida(models.Model):
    """A sale or a commission (``de``) as the figures hold it: what they add for it, and take back
    when it changes.

    ``dia`` is that of the sale. ``importe`` is what it is worth and ``quitado`` what was taken
    back of it: of a sale, what was refunded; of a commission, what was after it was in a payment.
    ``plazo`` is how long its approval took (``horas.py``); NULL while it is not approved.
    """

    de = models.CharField(_("qué mide"), max_length=16)
    fila = models.BigIntegerField(_("fila"))
    dia = models.DateField(_("día"))
    campana = models.BigIntegerField(_("campaña"))
    afiliado = models.BigIntegerField(_("afiliado"))
    canal = models.CharField(_("canal"), max_length=LARGO_CANAL, blank=True)
    cupon = models.CharField(_("cupón"), max_length=LARGO_CODIGO, blank=True)
    enlace = models.CharField(_("enlace"), max_length=LARGO_CODIGO, blank=True)
    moneda = campo_moneda()
    estado = models.CharField(_("estado"), max_length=24)
    importe = models.BigIntegerField(_("importe en diezmilésimas"))
    quitado = models.BigIntegerField(_("quitado en diezmilésimas"))
    plazo = models.IntegerField(_("horas hasta aprobarla"), null=True)

    class Meta:
        verbose_name = _("fila medida")
        verbose_name_plural = _("filas medidas")
        constraints = [models.UniqueConstraint(fields=["de", "fila"], name="medida_unica")]
        # Those of some days are compared with the figures of them.
        indexes = [models.Index(fields=["dia"], name="medida_dia")]

    def __str__(self) -> str:
        return f"{self.de} {self.fila}"


class DeTramo(models.Model):
    """Figures of a day or a month (``desde`` is its first day), a channel and a currency: of a
    campaign or all (0), of an affiliate or all (0)."""

    campana = models.BigIntegerField(_("campaña"))
    afiliado = models.BigIntegerField(_("afiliado"))
    grano = models.CharField(_("tramo"), max_length=1, choices=ELEGIBLES_DIAS_Y_MESES)
    desde = models.DateField(_("desde"))
    canal = models.CharField(_("canal"), max_length=LARGO_CANAL, blank=True)
    moneda = campo_moneda()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.grano} {self.desde:%Y-%m-%d} {self.campana} {self.afiliado} {self.moneda}"


class Sumas(models.Model):
    """What was sold, refunded and earned: amounts in ten-thousandths, commissions by the state
    that they are in. ``ajustado`` is what was taken back of those that were in a payment."""

    conversiones = _suma(_("conversiones"))
    valor = _suma(_("valor"))
    devuelto = _suma(_("devuelto"))
    pendiente = _suma(_("pendiente"))
    retenida = _suma(_("retenida"))
    aprobada = _suma(_("aprobada"))
    programada = _suma(_("programada"))
    pagada = _suma(_("pagada"))
    cerrada = _suma(_("cerrada"))
    rechazada = _suma(_("rechazada"))
    anulada = _suma(_("anulada"))
    ajustado = _suma(_("ajustado"))

    class Meta:
        abstract = True


class Cifra(Sumas, DeTramo):
    """The figures of a stretch."""

    class Meta:
        verbose_name = _("cifra")
        verbose_name_plural = _("cifras")
        constraints = [
            models.UniqueConstraint(
                fields=["campana", "afiliado", "grano", "desde", "canal", "moneda"],
                name="cifra_unica",
            )
        ]
        indexes = [
            # Each affiliate of a campaign, and each campaign of an affiliate, in some dates.
            models.Index(fields=["campana", "grano", "desde"], name="cifra_campana"),
            models.Index(fields=["afiliado", "grano", "desde"], name="cifra_afiliado"),
        ]


class Plazo(DeTramo):
    """How many commissions were approved in so many hours (``horas.py``)."""

    horas = models.IntegerField(_("horas"))
    cuantas = _suma(_("cuántas"))

    class Meta:
        verbose_name = _("plazo de aprobación")
        verbose_name_plural = _("plazos de aprobación")
        constraints = [
            models.UniqueConstraint(
                fields=["campana", "afiliado", "grano", "desde", "canal", "moneda", "horas"],
                name="plazo_unico",
            )
        ]
        indexes = [
            models.Index(fields=["campana", "grano", "desde"], name="plazo_campana"),
            models.Index(fields=["afiliado", "grano", "desde"], name="plazo_afiliado"),
        ]


class TipoCodigo(models.TextChoices):
    """What a sale came with."""

    CUPON = "c", _("Cupón")
    ENLACE = "e", _("Enlace")


class CifraDeCodigo(Sumas, DeTramo):
    """The figures of a code (a coupon, a link) in a stretch, of the sales that came with it, of
    their campaign and their affiliate: never of all, which :class:`Cifra` has. A sale without one
    has no row here.

    There are many codes that sell little each, so a stretch is a quarter or a year too, and how
    long approvals took is in the same row (``horas.py``) and not in a row for each.
    """

    grano = models.CharField(_("tramo"), max_length=1, choices=Grano.choices)
    tipo = models.CharField(_("tipo"), max_length=1, choices=TipoCodigo.choices)
    codigo = models.CharField(_("código"), max_length=LARGO_CODIGO)
    plazos = models.TextField(_("plazos de aprobación"), blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("cifra de un código")
        verbose_name_plural = _("cifras de códigos")
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "tipo", "codigo", "campana", "afiliado", "grano", "desde", "canal", "moneda",
                ],
                name="cifra_de_codigo_unica",
            )
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["tipo", "grano", "desde"], name="cifra_de_codigo"),
            models.Index(
                fields=["campana", "tipo", "grano", "desde"], name="cifra_de_codigo_campana"
            ),
            models.Index(
                fields=["afiliado", "tipo", "grano", "desde"], name="cifra_de_codigo_afiliado"
            ),
        ]


class Remedicion(models.Model):
    """How far making the figures anew has come, of sales or of commissions (``de``): until it ends,
    which is when there is no row, nobody reads them."""

    de = models.CharField(_("qué mide"), max_length=16, unique=True)
    hasta = models.BigIntegerField(_("medido hasta"), default=0)

    class Meta:
        verbose_name = _("remedición")
        verbose_name_plural = _("remediciones")

    def __str__(self) -> str:
        return self.de
