"""What is withheld, from whom and since when."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.db.campos import campo_id_publico, campo_porcentaje
from alpespartner.comun.models import SoloInsercion


class RetencionFiscal(SoloInsercion):
    """A percentage of the gross of each payment that is kept for the tax office.

    It reaches one affiliate, those with a type of document, or with neither everybody. Of one
    scope, the newest that has begun holds; it is ended by another of 0 %. Nothing is changed, so a
    payment goes on naming the one that it was made with.
    """

    id_publico = campo_id_publico()
    nombre = models.CharField(_("impuesto"), max_length=60)
    porcentaje = campo_porcentaje(_("porcentaje"))
    afiliado = models.ForeignKey(
        Afiliado,
        verbose_name=_("afiliado"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="retenciones",
    )
    documento_tipo = models.CharField(_("tipo de documento"), max_length=16, blank=True)
    desde = models.DateField(_("desde"))
    motivo = models.CharField(_("motivo"), max_length=500)
    publicada_por = models.CharField(_("publicada por"), max_length=80)
    publicada_en = models.DateTimeField(_("publicada"), default=timezone.now)

    class Meta:
        verbose_name = _("retención fiscal")
        verbose_name_plural = _("retenciones fiscales")
        constraints = [
            models.CheckConstraint(
                condition=Q(porcentaje__gte=0) & Q(porcentaje__lt=100),
                name="retencion_fiscal_porcentaje",
            ),
            models.CheckConstraint(
                condition=Q(afiliado__isnull=True) | Q(documento_tipo=""),
                name="retencion_fiscal_un_alcance",
            ),
        ]
        indexes = [models.Index(fields=["desde", "id"], name="retencion_fiscal_desde")]

    def __str__(self) -> str:
        return f"{self.nombre} {self.porcentaje_texto} %"

    @property
    def porcentaje_texto(self) -> str:
        """The percentage without trailing zeros."""
        return f"{self.porcentaje.normalize():f}"
