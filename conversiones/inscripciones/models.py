"""Enrolments, and the terms of a campaign that affiliates accept."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.db.campos import campo_id_publico
from alpespartner.comun.models import SoloInsercion
from conversiones.campanas.models import Campana
from conversiones.inscripciones.estados import EstadoInscripcion

MAX_TERMINOS = 20_000


class TerminosCampana(SoloInsercion):
    """What affiliates accept to be in a campaign: a version, which never changes."""

    campana = models.ForeignKey(
        Campana, verbose_name=_("campaña"), on_delete=models.PROTECT, related_name="terminos"
    )
    numero = models.PositiveIntegerField(_("versión"), editable=False)
    texto = models.TextField(_("texto"), max_length=MAX_TERMINOS)
    publicado_por = models.CharField(_("publicados por"), max_length=80, editable=False)
    publicado_en = models.DateTimeField(_("publicados"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("términos de campaña")
        verbose_name_plural = _("términos de campañas")
        constraints = [
            models.UniqueConstraint(fields=["campana", "numero"], name="terminos_unicos"),
        ]
        indexes = [models.Index(fields=["campana", "id"], name="terminos_campana")]

    def __str__(self) -> str:
        return f"{self.campana} · {self.numero}"


class Inscripcion(models.Model):
    """An affiliate in a campaign. ``terminos`` is the version that it accepted last; 0: none."""

    id_publico = campo_id_publico()
    campana = models.ForeignKey(
        Campana, verbose_name=_("campaña"), on_delete=models.PROTECT, related_name="inscripciones"
    )
    afiliado = models.ForeignKey(
        Afiliado,
        verbose_name=_("afiliado"),
        on_delete=models.PROTECT,
        related_name="inscripciones",
    )
    estado = models.CharField(
        _("estado"), max_length=16, choices=EstadoInscripcion.choices, editable=False
    )
    terminos = models.PositiveIntegerField(_("términos aceptados"), default=0, editable=False)
    aceptados_en = models.DateTimeField(_("aceptados"), null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    creada_en = models.DateTimeField(_("creada"), default=timezone.now, editable=False)
    actualizado_en = models.DateTimeField(_("actualizada"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("inscripción")
        verbose_name_plural = _("inscripciones")
        constraints = [
            models.UniqueConstraint(fields=["campana", "afiliado"], name="inscripcion_unica"),
        ]
        indexes = [
            models.Index(fields=["estado", "id"], name="inscripcion_estado"),
            models.Index(fields=["campana", "estado", "id"], name="inscripcion_campana_estado"),
            models.Index(fields=["campana", "id"], name="inscripcion_campana"),
            models.Index(fields=["campana", "afiliado", "id"], name="inscripcion_de_ambos"),
            models.Index(fields=["afiliado", "estado", "id"], name="inscripcion_de_estado"),
            models.Index(fields=["afiliado", "id"], name="inscripcion_afiliado"),
        ]
        permissions = [
            ("decidir_inscripcion", _("Puede aceptar, rechazar y retirar inscripciones")),
        ]

    def __str__(self) -> str:
        return f"{self.afiliado} · {self.campana}"
