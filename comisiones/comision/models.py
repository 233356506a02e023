"""The row of a commission."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.db.campos import (
    CampoJSON,
    campo_dinero,
    campo_id_publico,
    campo_moneda,
    campo_porcentaje,
)
from comisiones.comision.estados import EstadoComision, MotivoRetencion
from comisiones.reglas.models import Regla, TipoComision, VersionRegla
from conversiones.campanas.models import Campana
from conversiones.ventas.models import Conversion
from conversiones.ventas.motivos import MotivoDecision


class Comision(models.Model):
    """What a conversion earns: ``monto`` in the main unit of ``moneda``, with its computation.

    ``base``, ``tasa`` (percent; NULL for a fixed amount) and ``traza`` are frozen when it is
    calculated. ``monto`` is what is left after the refunds that came before it was in a payment;
    ``revertido`` is what they took. One per conversion and network level: a rule changed between
    two deliveries of the same event must not pay twice. ``viva`` is NULL once its sale is of
    another affiliate and nothing of it is owed any more: another takes its place then.
    """

    id_publico = campo_id_publico()
    conversion = models.ForeignKey(
        Conversion,
        verbose_name=_("conversión"),
        on_delete=models.PROTECT,
        related_name="comisiones",
    )
    afiliado = models.ForeignKey(
        Afiliado, verbose_name=_("afiliado"), on_delete=models.PROTECT, related_name="comisiones"
    )
    campana = models.ForeignKey(
        Campana, verbose_name=_("campaña"), on_delete=models.PROTECT, related_name="comisiones"
    )
    regla = models.ForeignKey(
        Regla,
        verbose_name=_("regla"),
        on_delete=models.PROTECT,
        null=True,
        related_name="comisiones",
    )
    version_regla = models.ForeignKey(
        VersionRegla,
        verbose_name=_("versión de la regla"),
        on_delete=models.PROTECT,
        null=True,
        related_name="comisiones",
    )
    nivel = models.PositiveSmallIntegerField(_("nivel de la red"), default=1)
    viva = models.BooleanField(null=True, default=True, editable=False)
    tipo = models.CharField(_("tipo"), max_length=16, choices=TipoComision.choices, blank=True)
    base = campo_dinero(_("base"))
    tasa = campo_porcentaje(_("tasa (%)"), null=True)
    monto = campo_dinero(_("monto"))
    revertido = campo_dinero(_("revertido antes de pagar"), default=0)
    moneda = campo_moneda()
    traza = CampoJSON(_("cálculo"), default=dict)
    estado = models.CharField(
        _("estado"),
        max_length=16,
        choices=EstadoComision.choices,
        default=EstadoComision.PENDIENTE,
    )
    motivo_retencion = models.CharField(
        _("motivo de retención"), max_length=32, choices=MotivoRetencion.choices, blank=True
    )
    # Of the last decision of a person: a reason of the list, and what they wrote.
    motivo_codigo = models.CharField(
        _("código del motivo"), max_length=24, choices=MotivoDecision.choices, blank=True
    )
    motivo = models.CharField(_("motivo"), max_length=500, blank=True)
    madura_en = models.DateTimeField(_("madura"))
    creada_por = models.CharField(_("creada por"), max_length=80)
    aprobada_por = models.CharField(_("aprobada por"), max_length=80, blank=True)
    aprobada_en = models.DateTimeField(_("aprobada en"), null=True)
    pagada_en = models.DateTimeField(_("pagada en"), null=True)
    version = models.PositiveIntegerField(default=1)
    creada_en = models.DateTimeField(_("calculada"), default=timezone.now)
    actualizado_en = models.DateTimeField(_("actualizada"), default=timezone.now)

    class Meta:
        verbose_name = _("comisión")
        verbose_name_plural = _("comisiones")
        constraints = [
            models.UniqueConstraint(
                fields=["conversion", "nivel", "viva"], name="comision_viva_unica"
            ),
            models.CheckConstraint(
                condition=Q(viva__isnull=True) | Q(viva=True), name="comision_viva_true_o_null"
            ),
            models.CheckConstraint(condition=Q(monto__gte=0), name="comision_no_negativa"),
            models.CheckConstraint(condition=Q(revertido__gte=0), name="comision_revertido"),
        ]
        indexes = [
            models.Index(fields=["estado", "id"], name="comision_estado"),
            models.Index(fields=["estado", "madura_en"], name="comision_madurez"),
            # Covers what is due to each affiliate, which the payments ask for every few seconds.
            models.Index(
                fields=["estado", "moneda", "afiliado", "madura_en", "monto", "actualizado_en"],
                name="comision_debida",
            ),
            models.Index(fields=["afiliado", "estado"], name="comision_afiliado_estado"),
            models.Index(fields=["campana", "estado"], name="comision_campana_estado"),
            # What the queue is filtered by, in each state: these have its order besides.
            models.Index(fields=["estado", "creada_en"], name="comision_calculada"),
            models.Index(fields=["estado", "moneda", "monto"], name="comision_importe"),
            models.Index(fields=["estado", "motivo_retencion"], name="comision_retenida_por"),
            models.Index(fields=["regla", "estado"], name="comision_regla_estado"),
            # The lists of all states.
            models.Index(fields=["afiliado", "id"], name="comision_afiliado"),
            models.Index(fields=["campana", "id"], name="comision_campana"),
            # What changed since an instant.
            models.Index(fields=["actualizado_en"], name="comision_actualizada"),
            # What a key approved today.
            models.Index(
                fields=["aprobada_por", "moneda", "aprobada_en"], name="comision_aprobada_por"
            ),
        ]
        permissions = [
            ("aprobar_comision", _("Puede aprobar comisiones")),
            ("rechazar_comision", _("Puede rechazar, retener y liberar comisiones")),
        ]

    def __str__(self) -> str:
        return self.id_publico

    @property
    def motivo_dicho(self) -> str:
        """The reason of its last decision in words, with what was written."""
        codigo = str(self.get_motivo_codigo_display())
        return ": ".join(filter(None, (codigo, self.motivo)))
