"""Alerts: what was wrong with the running of the programme, since when and until when."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.db.campos import CampoJSON, campo_id_publico


class Alerta(models.Model):
    """Something wrong. ``clave`` says what (``monitor/problemas.py``), ``datos`` its last figures.

    ``viva`` is True until it is closed, then NULL: of one kind only one is alive. It is open from
    ``abierta_en``, when it was seen a second time in a row, and closed at ``cerrada_en``, when
    it was twice not seen; ``miradas`` counts the looks in a row that said so.
    """

    id_publico = campo_id_publico()
    clave = models.CharField(_("clave"), max_length=80)
    datos = CampoJSON(_("datos"), default=dict, encoder=DjangoJSONEncoder)
    viva = models.BooleanField(null=True, default=True, editable=False)
    miradas = models.PositiveSmallIntegerField(default=1, editable=False)
    vista_en = models.DateTimeField(_("vista por última vez"), default=timezone.now)
    abierta_en = models.DateTimeField(_("abierta"), null=True)
    avisada_en = models.DateTimeField(_("avisada por correo"), null=True)
    cerrada_en = models.DateTimeField(_("cerrada"), null=True)

    class Meta:
        verbose_name = _("alerta")
        verbose_name_plural = _("alertas")
        constraints = [
            models.UniqueConstraint(fields=["clave", "viva"], name="alerta_viva_unica"),
            models.CheckConstraint(
                condition=models.Q(viva__isnull=True) | models.Q(viva=True),
                name="alerta_viva_true_o_null",
            ),
        ]
        indexes = [
            models.Index(fields=["viva", "id"], name="alerta_viva"),
            models.Index(fields=["viva", "abierta_en"], name="alerta_abierta"),
        ]

    def __str__(self) -> str:
        return self.clave


class MiradaAPruebas(models.Model):
    """What the last look at the sandbox saw: one row. ``ms`` is how long it took to answer;
    ``mal_desde`` since when it does not."""

    UNICA = 1

    id = models.PositiveSmallIntegerField(primary_key=True)
    en = models.DateTimeField()
    ms = models.PositiveIntegerField(null=True)
    mal_desde = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("mirada al entorno de pruebas")
        verbose_name_plural = _("miradas al entorno de pruebas")

    def __str__(self) -> str:
        return f"{self.en:%H:%M:%S}"
