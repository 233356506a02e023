"""The counters, what they hold of each row, and how far a recount has come.

Rows are named by their keys and not by foreign keys: writing one would lock the row that it names,
and no writer waits for a counter. Amounts are whole ten-thousandths of the currency's main unit:
SQLite keeps decimals as binary fractions, and a sum of many would lose the last digits.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.db.campos import campo_moneda

# The widest state of what is counted.
LARGO_ESTADO = 24


class Contada(models.Model):
    """A row as the counters hold it: what they add for it, and take back when it changes."""

    de = models.CharField(_("qué cuenta"), max_length=16)
    fila = models.BigIntegerField(_("fila"))
    estado = models.CharField(_("estado"), max_length=LARGO_ESTADO)
    moneda = campo_moneda()
    campana = models.BigIntegerField(_("campaña"))
    afiliado = models.BigIntegerField(_("afiliado"))
    importe = models.BigIntegerField(_("importe en diezmilésimas"))
    mes = models.IntegerField(_("mes"), default=0)

    class Meta:
        verbose_name = _("fila contada")
        verbose_name_plural = _("filas contadas")
        constraints = [models.UniqueConstraint(fields=["de", "fila"], name="contada_unica")]

    def __str__(self) -> str:
        return f"{self.de} {self.fila}"


class Contador(models.Model):
    """How many rows are in a state and a currency, and what they add up to: of all of them
    (``corte`` ""), of a campaign or of an affiliate (``quien`` is its key), or of an affiliate in a
    campaign (``corte`` names it). ``mes`` is 202603 for those of that month (UTC), 0 for all."""

    de = models.CharField(_("qué cuenta"), max_length=16)
    corte = models.CharField(_("corte"), max_length=16, blank=True)
    quien = models.BigIntegerField(_("de quién"))
    mes = models.IntegerField(_("mes"), default=0)
    estado = models.CharField(_("estado"), max_length=LARGO_ESTADO)
    moneda = campo_moneda()
    cuantas = models.BigIntegerField(_("cuántas"))
    importe = models.BigIntegerField(_("importe en diezmilésimas"))

    class Meta:
        verbose_name = _("contador")
        verbose_name_plural = _("contadores")
        constraints = [
            models.UniqueConstraint(
                fields=["de", "corte", "quien", "mes", "estado", "moneda"], name="contador_unico"
            )
        ]
        indexes = [
            # Those that have the most.
            models.Index(
                fields=["de", "corte", "mes", "estado", "moneda", "importe", "id"],
                name="contador_mayores",
            )
        ]

    def __str__(self) -> str:
        return f"{self.de} {self.corte} {self.quien} {self.estado} {self.moneda}"


class Recuento(models.Model):
    """How the counters of a table stand. ``hasta`` is the last event that was counted;
    ``rehecho_hasta``, how far a recount that has not ended went: until then nobody reads them."""

    de = models.CharField(_("qué cuenta"), max_length=16, unique=True)
    hasta = models.BigIntegerField(_("último evento contado"), default=0)
    rehecho_hasta = models.BigIntegerField(_("rehecho hasta"), null=True)

    class Meta:
        verbose_name = _("recuento")
        verbose_name_plural = _("recuentos")

    def __str__(self) -> str:
        return self.de
