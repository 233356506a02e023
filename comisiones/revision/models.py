"""Policies of automatic approval, and decisions about many commissions at once."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.db.campos import CampoJSON, campo_dinero, campo_id_publico, campo_moneda
from alpespartner.comun.models import SoloInsercion
from comisiones.comision.estados import EstadoComision
from comisiones.comision.models import Comision
from comisiones.revision.estados import AccionEnMasa, EstadoDecision, Resultado
from conversiones.campanas.models import Campana
from conversiones.ventas.motivos import MotivoDecision


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


class FicheroDecisiones(models.Model):
    """A file that decides commissions line by line, as it was looked at: what it would decide is
    in its ``decisiones``, the rest in ``saltadas``. It is applied once, which ``huella``, the
    SHA-256 of its bytes, tells."""

    id_publico = campo_id_publico()
    nombre = models.CharField(_("nombre"), max_length=200)
    huella = models.CharField(_("huella"), max_length=64, unique=True)
    filas = models.PositiveIntegerField(_("filas"), default=0)
    n_saltadas = models.PositiveIntegerField(_("saltadas"), default=0)
    subido_por = models.CharField(_("subido por"), max_length=80)
    subido_en = models.DateTimeField(_("subido"), default=timezone.now)
    confirmado_en = models.DateTimeField(_("confirmado"), null=True)

    class Meta:
        verbose_name = _("fichero de decisiones")
        verbose_name_plural = _("ficheros de decisiones")
        indexes = [
            models.Index(fields=["confirmado_en", "subido_en"], name="fichero_sin_confirmar"),
        ]

    def __str__(self) -> str:
        return self.nombre


class FilaSaltada(models.Model):
    """A line of a file that decides nothing, and why."""

    fichero = models.ForeignKey(
        FicheroDecisiones,
        verbose_name=_("fichero"),
        on_delete=models.CASCADE,
        related_name="saltadas",
    )
    numero = models.PositiveIntegerField(_("línea"))
    comision = models.CharField(_("comisión"), max_length=128, blank=True)
    decision = models.CharField(_("decisión"), max_length=16, blank=True)
    causa = models.CharField(_("causa"), max_length=24)
    detalle = models.CharField(_("detalle"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("fila saltada de un fichero")
        verbose_name_plural = _("filas saltadas de ficheros")
        indexes = [models.Index(fields=["fichero", "id"], name="fila_saltada_fichero")]

    def __str__(self) -> str:
        return f"{self.fichero_id} {self.numero}"


class DecisionEnMasa(models.Model):
    """A decision about the commissions that somebody selected, as they were then (``lineas``).

    ``alcance`` says in words what was selected; ``entera`` is false when there were more than one
    decision takes. ``sumas`` holds, per currency, how many are in review and their sum as decimal
    text; of corrections, how many sales and what their commissions change. ``hasta`` is the key of
    the last commission gone over.
    """

    id_publico = campo_id_publico()
    accion = models.CharField(_("decisión"), max_length=16, choices=AccionEnMasa.choices)
    estado = models.CharField(
        _("estado"),
        max_length=16,
        choices=EstadoDecision.choices,
        default=EstadoDecision.POR_CONFIRMAR,
    )
    fichero = models.ForeignKey(
        FicheroDecisiones,
        verbose_name=_("fichero"),
        on_delete=models.PROTECT,
        null=True,
        related_name="decisiones",
    )
    alcance = models.CharField(_("qué se eligió"), max_length=500)
    entera = models.BooleanField(_("entera"), default=True)
    motivo_codigo = models.CharField(
        _("código del motivo"), max_length=24, choices=MotivoDecision.choices, blank=True
    )
    motivo = models.CharField(_("motivo"), max_length=500, blank=True)
    sumas = CampoJSON(_("sumas"), default=dict)
    retenidas = models.PositiveIntegerField(_("retenidas"), default=0)
    fuera = models.PositiveIntegerField(_("fuera de revisión"), default=0)
    total = models.PositiveIntegerField(_("comisiones"), default=0)
    hechas = models.PositiveIntegerField(_("hechas"), default=0)
    ya = models.PositiveIntegerField(_("ya lo estaban"), default=0)
    apartadas = models.PositiveIntegerField(_("apartadas"), default=0)
    hasta = models.BigIntegerField(default=0)
    creada_por = models.CharField(_("decidida por"), max_length=80)
    version = models.PositiveIntegerField(default=1)
    creada_en = models.DateTimeField(_("elegida"), default=timezone.now)
    confirmada_en = models.DateTimeField(_("confirmada"), null=True)
    actualizado_en = models.DateTimeField(_("actualizada"), default=timezone.now)

    class Meta:
        verbose_name = _("decisión en masa")
        verbose_name_plural = _("decisiones en masa")
        indexes = [
            models.Index(fields=["estado", "id"], name="decision_estado"),
            models.Index(fields=["estado", "actualizado_en"], name="decision_noticias"),
        ]

    def __str__(self) -> str:
        return self.id_publico


class LineaEnMasa(models.Model):
    """A commission of a bulk decision as it was selected, and what became of it.

    It is decided only if it still has that version and amount. One that corrects its sale says
    instead what was left of it (``valor``), what will be, and what all its commissions lose
    (``quita``), in the main unit of ``moneda``: it is done only if that much is still left.
    """

    decision = models.ForeignKey(
        DecisionEnMasa, verbose_name=_("decisión"), on_delete=models.CASCADE, related_name="lineas"
    )
    comision = models.ForeignKey(
        Comision, verbose_name=_("comisión"), on_delete=models.PROTECT, related_name="+"
    )
    version = models.PositiveIntegerField()
    monto = campo_dinero(_("monto"))
    moneda = campo_moneda()
    # Its own, when not that of the decision.
    motivo = models.CharField(_("motivo"), max_length=500, blank=True)
    motivo_codigo = models.CharField(
        _("código del motivo"), max_length=24, choices=MotivoDecision.choices, blank=True
    )
    valor = campo_dinero(_("valor de la venta"), null=True)
    valor_nuevo = campo_dinero(_("valor nuevo"), null=True)
    quita = campo_dinero(_("pierden las comisiones"), null=True)
    estaba = models.CharField(_("estaba"), max_length=16, choices=EstadoComision.choices)
    resultado = models.CharField(
        _("resultado"), max_length=24, choices=Resultado.choices, default=Resultado.POR_HACER
    )
    detalle = models.CharField(_("detalle"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("comisión de una decisión")
        verbose_name_plural = _("comisiones de decisiones en masa")
        constraints = [
            models.UniqueConstraint(fields=["decision", "comision"], name="linea_en_masa_unica"),
        ]
        indexes = [models.Index(fields=["decision", "resultado"], name="linea_en_masa_resultado")]

    def __str__(self) -> str:
        return f"{self.decision_id} {self.comision_id}"


class VistaGuardada(models.Model):
    """A filter of the review queue under a name, of a person or shared with all the staff.

    ``filtro`` is the query string of the list; whoever opens it is shown what they may see.
    """

    nombre = models.CharField(_("nombre"), max_length=60)
    filtro = models.CharField(_("filtro"), max_length=1000, blank=True)
    compartida = models.BooleanField(_("compartida"), default=False)
    creada_por = models.CharField(_("guardada por"), max_length=80)
    creada_en = models.DateTimeField(_("guardada"), default=timezone.now)

    class Meta:
        verbose_name = _("vista guardada")
        verbose_name_plural = _("vistas guardadas")
        constraints = [
            models.UniqueConstraint(fields=["creada_por", "nombre"], name="vista_unica"),
        ]
        indexes = [models.Index(fields=["compartida", "nombre"], name="vista_compartida")]
        permissions = [("compartir_vista", _("Puede compartir vistas de la cola de revisión"))]

    def __str__(self) -> str:
        return self.nombre
