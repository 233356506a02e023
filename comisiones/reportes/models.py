"""Reports that are kept, and the statements that were sent of them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.db.campos import CampoJSON, campo_id_publico, campo_moneda
from alpespartner.comun.models import SoloInsercion
from comisiones.metricas.models import LARGO_CANAL
from comisiones.metricas.selectors import Agrupar
from comisiones.reportes.periodos import Periodo
from conversiones.campanas.models import MAX_ZONA, Campana, zona_del_programa


class Reporte(models.Model):
    """Which figures somebody wants, under a name: of what, in which groups, which columns.

    With ``programado`` the clock sends each period to its ``destinatarios`` once it is over, at
    ``hora`` of ``zona``; ``toca_en`` is when. ``problema`` says why the last time it could not.
    ``compartido``: the rest of the staff sees it too.
    """

    id_publico = campo_id_publico()
    nombre = models.CharField(_("nombre"), max_length=60)
    agrupar = models.CharField(
        _("una línea por"), max_length=16, choices=Agrupar.choices, default=Agrupar.CAMPANA
    )
    campana = models.ForeignKey(
        Campana, verbose_name=_("campaña"), on_delete=models.PROTECT, null=True, blank=True,
        related_name="+",
    )  # fmt: skip
    afiliado = models.ForeignKey(
        Afiliado, verbose_name=_("afiliado"), on_delete=models.PROTECT, null=True, blank=True,
        related_name="+",
    )  # fmt: skip
    canal = models.CharField(_("canal"), max_length=LARGO_CANAL, blank=True)
    moneda = campo_moneda(blank=True)
    columnas = CampoJSON(_("columnas"), default=list)
    periodo = models.CharField(
        _("de cuántos días"), max_length=8, choices=Periodo, default=Periodo.MES
    )
    zona = models.CharField(_("zona horaria"), max_length=MAX_ZONA, default=zona_del_programa)
    hora = models.PositiveSmallIntegerField(_("hora"), default=8)
    programado = models.BooleanField(_("lo envía el reloj"), default=False)
    destinatarios: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("a quién"), blank=True, related_name="+"
    )
    compartido = models.BooleanField(_("compartido"), default=False)
    toca_en = models.DateTimeField(_("próximo envío"), null=True, editable=False)
    problema = models.CharField(_("por qué no salió"), max_length=300, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    creado_por = models.CharField(_("guardado por"), max_length=80, editable=False)
    creado_en = models.DateTimeField(_("guardado"), default=timezone.now, editable=False)
    actualizado_en = models.DateTimeField(_("actualizado"), default=timezone.now, editable=False)
    retirado_en = models.DateTimeField(_("retirado"), null=True, editable=False)

    class Meta:
        verbose_name = _("reporte")
        verbose_name_plural = _("reportes")
        indexes = [
            models.Index(fields=["toca_en"], name="reporte_toca"),
            models.Index(fields=["creado_por", "id"], name="reporte_de_quien"),
            models.Index(fields=["compartido", "id"], name="reporte_compartido"),
        ]
        permissions = [("programar_reporte", _("Puede compartir, programar y enviar reportes"))]

    def __str__(self) -> str:
        return self.nombre


class EnvioReporte(SoloInsercion):
    """The statement of a period of a report, as it was sent: it never changes.

    ``documento`` is its exact text (JSON: what was asked for, rows, totals, and what changed in
    the statements before it) and ``huella`` its SHA-256. There is one of each period: what changes
    afterwards is told by the next one. ``destinatarios`` are whom it went to, as authors.
    """

    id_publico = campo_id_publico()
    reporte = models.ForeignKey(
        Reporte, verbose_name=_("reporte"), on_delete=models.PROTECT, related_name="envios",
        db_index=False,
    )  # fmt: skip
    desde = models.DateField(_("desde"))
    hasta = models.DateField(_("hasta"))
    documento = models.TextField(_("documento"))
    huella = models.CharField(_("SHA-256"), max_length=64)
    lineas = models.PositiveIntegerField(_("líneas"))
    diferencias = models.PositiveIntegerField(_("diferencias"))
    destinatarios = CampoJSON(_("a quién"), default=list)
    enviado_por = models.CharField(_("enviado por"), max_length=80)
    enviado_en = models.DateTimeField(_("enviado"), default=timezone.now)

    class Meta:
        verbose_name = _("envío de un reporte")
        verbose_name_plural = _("envíos de reportes")
        constraints = [
            models.UniqueConstraint(fields=["reporte", "desde", "hasta"], name="envio_del_periodo")
        ]
        indexes = [models.Index(fields=["reporte", "id"], name="envio_de_reporte")]

    def __str__(self) -> str:
        return f"{self.desde:%Y-%m-%d} – {self.hasta:%Y-%m-%d}"
