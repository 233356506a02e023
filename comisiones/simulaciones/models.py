"""Backtests and what they found for each affiliate."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.db.campos import CampoJSON, campo_dinero, campo_id_publico, campo_moneda
from comisiones.reglas.models import Regla
from comisiones.simulaciones.estados import EstadoSimulacion
from conversiones.campanas.models import Campana


class Simulacion(models.Model):
    """A candidate against the sales that occurred in ``[desde, hasta)``, of one campaign or all.

    The candidate is a whole ``politica`` (the JSON of ``simular``), against sales in its currency,
    or today's rules with one version more, the ``borrador`` of ``regla``. It advances in portions:
    ``cursor`` and ``memoria`` are where the last one stopped, ``porcion`` counts them.
    ``resultado`` holds, per currency, the sums so far and their series by ``intervalo``, as decimal
    text.
    """

    id_publico = campo_id_publico()
    nombre = models.CharField(_("nombre"), max_length=120)
    politica = models.TextField(_("política"), blank=True)
    regla = models.ForeignKey(
        Regla,
        verbose_name=_("regla"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="simulaciones",
    )
    borrador = CampoJSON(_("versión que se prueba"), default=dict, blank=True)
    campana = models.ForeignKey(
        Campana,
        verbose_name=_("campaña"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="simulaciones",
        help_text=_("Vacía: todas."),
    )
    desde = models.DateTimeField(_("ventas desde"))
    hasta = models.DateTimeField(_("ventas hasta"))
    intervalo = models.CharField(max_length=8, default="mes", editable=False)
    estado = models.CharField(
        _("estado"),
        max_length=16,
        choices=EstadoSimulacion.choices,
        default=EstadoSimulacion.ENCOLADA,
        editable=False,
    )
    problema = models.CharField(_("problema"), max_length=500, blank=True, editable=False)
    total = models.PositiveIntegerField(_("ventas"), default=0, editable=False)
    hechas = models.PositiveIntegerField(_("ventas hechas"), default=0, editable=False)
    excluidas = models.PositiveIntegerField(_("ventas excluidas"), default=0, editable=False)
    cursor = CampoJSON(default=list, editable=False)
    memoria = CampoJSON(default=list, editable=False)
    porcion = models.PositiveIntegerField(default=0, editable=False)
    resultado = CampoJSON(default=dict, editable=False)
    creada_por = models.CharField(_("creada por"), max_length=80, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    creada_en = models.DateTimeField(_("creada"), default=timezone.now, editable=False)
    actualizado_en = models.DateTimeField(_("actualizada"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("simulación")
        verbose_name_plural = _("simulaciones")
        indexes = [models.Index(fields=["estado", "actualizado_en"], name="simulacion_estado")]
        permissions = [("simular", _("Puede simular políticas contra el historial"))]

    def __str__(self) -> str:
        return self.nombre


class LineaSimulacion(models.Model):
    """One affiliate and currency: what its commissions came to, and what they would have.

    ``ventas`` are the sales that it earned from either way.
    """

    simulacion = models.ForeignKey(
        Simulacion, verbose_name=_("simulación"), on_delete=models.CASCADE, related_name="lineas"
    )
    afiliado = models.ForeignKey(
        Afiliado, verbose_name=_("afiliado"), on_delete=models.PROTECT, related_name="+"
    )
    moneda = campo_moneda()
    ventas = models.PositiveIntegerField(_("ventas"), default=0)
    hoy = campo_dinero(_("hoy"), default=0)
    candidata = campo_dinero(_("candidata"), default=0)
    diferencia = campo_dinero(_("diferencia"), default=0)

    class Meta:
        verbose_name = _("línea de simulación")
        verbose_name_plural = _("simulaciones por afiliado")
        constraints = [
            models.UniqueConstraint(
                fields=["simulacion", "afiliado", "moneda"], name="linea_simulacion_unica"
            ),
        ]
        indexes = [
            models.Index(fields=["simulacion", "moneda", "diferencia"], name="linea_diferencia"),
        ]

    def __str__(self) -> str:
        return f"{self.afiliado} {self.moneda}"
