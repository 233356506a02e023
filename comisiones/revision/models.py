"""Policies of automatic approval."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.db.campos import campo_dinero, campo_id_publico, campo_moneda
from alpespartner.comun.models import SoloInsercion
from conversiones.campanas.models import Campana


class PoliticaAprobacion(SoloInsercion):
    """What the system approves alone in a campaign, by whom and why it was decided.

    ``hasta`` is the highest amount of a commission, in ``moneda``; NULL approves none. Of a
    campaign the one with the highest ``numero`` holds: nothing is changed, so the older ones tell
    who allowed what and until when.
    """

    id_publico = campo_id_publico()
    campana = models.ForeignKey(
        Campana, verbose_name=_("campaña"), on_delete=models.PROTECT, related_name="politicas"
    )
    numero = models.PositiveIntegerField(_("número"))
    hasta = campo_dinero(_("aprobar hasta"), null=True, blank=True)
    moneda = campo_moneda()
    motivo = models.CharField(_("motivo"), max_length=500)
    publicada_por = models.CharField(_("publicada por"), max_length=80)
    publicada_en = models.DateTimeField(_("publicada"), default=timezone.now)

    class Meta:
        verbose_name = _("política de aprobación")
        verbose_name_plural = _("políticas de aprobación")
        constraints = [
            models.UniqueConstraint(fields=["campana", "numero"], name="politica_unica"),
            models.CheckConstraint(
                condition=Q(hasta__isnull=True) | Q(hasta__gt=0), name="politica_positiva"
            ),
        ]

    def __str__(self) -> str:
        return self.id_publico
