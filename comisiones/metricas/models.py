"""The figures, what they hold of each row, and how far making them anew has come.

Rows are named by their keys and amounts are whole ten-thousandths, as in the counters and for the
same reasons.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.db.campos import campo_moneda
from alpespartner.comun.granos import Grano

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

    pk = models.CompositePrimaryKey("de", "fila")
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
        db_table = "comisiones_medida_de_fila"
        # Those of some days are compared with the figures of them.
        indexes = [models.Index(fields=["dia"], name="medida_de_fila_dia")]

    def __str__(self) -> str:
        return f"{self.de} {self.fila}"


class DeTramo(models.Model):
    """What was sold, refunded and earned in a stretch (``desde`` is its first day), by channel and
    currency: amounts in ten-thousandths, commissions by the state that they are in.

    ``ajustado`` is what was taken back of those that were in a payment. ``plazos`` is how many were
    approved in so many hours (``horas.py``).
    """

    campana = models.BigIntegerField(_("campaña"))
    afiliado = models.BigIntegerField(_("afiliado"))
    grano = models.CharField(_("tramo"), max_length=1, choices=Grano.choices)
    desde = models.DateField(_("desde"))
    canal = models.CharField(_("canal"), max_length=LARGO_CANAL, blank=True)
    moneda = campo_moneda()
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
    plazos = models.TextField(_("plazos de aprobación"), blank=True, default="", db_default="")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.grano} {self.desde:%Y-%m-%d} {self.campana} {self.afiliado} {self.moneda}"


class Cifra(DeTramo):
    """The figures of a campaign or of all (0), and of an affiliate or of all (0).

    InnoDB keeps rows by their primary key: those of each affiliate of a campaign, or of all, in
    some dates lie side by side.
    """

    pk = models.CompositePrimaryKey("campana", "grano", "desde", "afiliado", "canal", "moneda")

    class Meta:
        verbose_name = _("cifra")
        verbose_name_plural = _("cifras")
        db_table = "comisiones_cifra_de_tramo"
        indexes = [
            # An affiliate (or all) of a campaign (or of all), in some dates, and each campaign's.
            models.Index(fields=["afiliado", "campana", "grano", "desde"], name="cifra_de_tramo"),
            models.Index(fields=["afiliado", "grano", "desde"], name="cifra_de_tramo_suya"),
        ]


class TipoCodigo(models.TextChoices):
    """What a sale came with."""

    CUPON = "c", _("Cupón")
    ENLACE = "e", _("Enlace")


class CifraDeCodigo(DeTramo):
    """The figures of a code (a coupon, a link), of the sales that came with it, of their campaign
    and their affiliate: never of all, which :class:`Cifra` has. A sale without one has no row
    here."""

    pk = models.CompositePrimaryKey(
        "tipo", "grano", "desde", "campana", "afiliado", "codigo", "canal", "moneda"
    )
    tipo = models.CharField(_("tipo"), max_length=1, choices=TipoCodigo.choices)
    codigo = models.CharField(_("código"), max_length=LARGO_CODIGO)

    class Meta:
        verbose_name = _("cifra de un código")
        verbose_name_plural = _("cifras de códigos")
        db_table = "comisiones_codigo_de_tramo"
        indexes = [
            models.Index(
                fields=["campana", "tipo", "grano", "desde"], name="codigo_de_tramo_campana"
            ),
            models.Index(
                fields=["afiliado", "tipo", "grano", "desde"], name="codigo_de_tramo_afiliado"
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
