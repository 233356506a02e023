"""Campaigns."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.db.campos import CampoJSON, campo_dinero, campo_id_publico, campo_moneda
from conversiones.campanas.estados import EstadoCampana

MAX_REFERENCIA = 64
MAX_DIRECCION = 1000
MAX_ZONA = 64
# By which a landing page knows an affiliate, of our own links and of other platforms'.
PARAMETROS = ("via", "ref", "fpr", "aff", "a_aid", "rfsn")


def zona_del_programa() -> str:
    """In which zone the days of a campaign are, if it does not say."""
    return str(settings.ZONA)


class ModeloAtribucion(models.TextChoices):
    """Whom a sale is credited to."""

    ULTIMO_CLIC = "ultimo_clic", _("Último clic")
    PRIMER_CLIC = "primer_clic", _("Primer clic")


class Campana(models.Model):
    """A programme that affiliates promote, with one currency.

    A commission matures ``dias_retencion`` days after its sale. ``predeterminada`` is True for the
    one campaign that takes the conversions that name none, else NULL.
    """

    id_publico = campo_id_publico()
    referencia_externa = models.CharField(
        _("referencia externa"),
        max_length=MAX_REFERENCIA,
        unique=True,
        null=True,
        blank=True,
    )
    nombre = models.CharField(_("nombre"), max_length=200)
    descripcion = models.TextField(_("descripción"), blank=True, max_length=4000)
    moneda = campo_moneda()
    inicia_en = models.DateTimeField(_("inicia"), default=timezone.now)
    termina_en = models.DateTimeField(_("termina"), null=True, blank=True)
    zona = models.CharField(_("zona horaria"), max_length=MAX_ZONA, default=zona_del_programa)
    presupuesto = campo_dinero(
        _("presupuesto"),
        null=True,
        blank=True,
        help_text=_(
            "Lo más que pueden sumar sus comisiones, en su moneda. Lo que no cabe se retiene hasta "
            "que haya sitio. Sin él no hay límite."
        ),
    )
    # Since when what is spent is counted: not since its amount changed, but since there is one.
    presupuesto_desde = models.DateTimeField(null=True, editable=False)
    canales = CampoJSON(_("canales"), default=list, blank=True)
    dias_retencion = models.PositiveSmallIntegerField(
        _("días de retención"),
        default=0,
        help_text=_("Días que una comisión espera, desde la venta, antes de poder pagarse."),
    )
    modelo_atribucion = models.CharField(
        _("modelo de atribución"),
        max_length=16,
        choices=ModeloAtribucion.choices,
        default=ModeloAtribucion.ULTIMO_CLIC,
    )
    ventana_atribucion_dias = models.PositiveSmallIntegerField(
        _("ventana de atribución (días)"), default=30
    )
    cupon_reasigna = models.BooleanField(
        _("un cupón va antes que el vínculo"),
        default=False,
        help_text=_("De un cliente que ya es de un afiliado: si la venta es de quien da el cupón."),
    )
    pagina = models.CharField(
        _("página de destino"),
        max_length=MAX_DIRECCION,
        blank=True,
        help_text=_("Adonde llevan sus enlaces, si no dicen otra cosa. Empieza por https://"),
    )
    destinos = CampoJSON(_("otros sitios de destino"), default=list, blank=True)
    # None: ``PARAMETROS``.
    parametros = CampoJSON(_("parámetros de afiliado"), default=list, blank=True)
    consentimiento = models.BooleanField(
        _("consentimiento si no se dice"),
        default=True,
        help_text=_(
            "Si una visita que no dice si consiente deja cookie y huellas. Sin él, solo con cons=1."
        ),
    )
    # Since when only who is enrolled earns; None: it is open to all.
    inscripcion_desde = models.DateTimeField(
        _("con inscripción desde"), null=True, default=None, editable=False
    )
    predeterminada = models.BooleanField(
        _("predeterminada"), null=True, default=None, unique=True, editable=False
    )
    estado = models.CharField(
        _("estado"),
        max_length=16,
        choices=EstadoCampana.choices,
        default=EstadoCampana.BORRADOR,
        editable=False,
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    creada_en = models.DateTimeField(_("creada"), default=timezone.now, editable=False)
    actualizado_en = models.DateTimeField(_("actualizada"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("campaña")
        verbose_name_plural = _("campañas")
        constraints = [
            models.CheckConstraint(
                condition=Q(predeterminada__isnull=True) | Q(predeterminada=True),
                name="campana_predeterminada_true_o_null",
            ),
            models.CheckConstraint(
                condition=Q(termina_en__isnull=True) | Q(termina_en__gt=models.F("inicia_en")),
                name="campana_fechas",
            ),
        ]
        indexes = [
            models.Index(fields=["nombre"], name="campana_nombre"),
            models.Index(fields=["estado", "id"], name="campana_estado"),
            models.Index(fields=["actualizado_en"], name="campana_actualizada"),
            # Those that end by date.
            models.Index(fields=["estado", "termina_en"], name="campana_termina"),
        ]
        permissions = [
            ("cambiar_estado_campana", _("Puede activar, pausar y finalizar campañas")),
        ]

    def __str__(self) -> str:
        return self.nombre


class PresupuestoCampana(models.Model):
    """What a campaign with a budget has spent of it, in its currency.

    Whoever writes a commission of it takes this row first, so that two never spend the same cents;
    a campaign that never had a budget has none. ``contado_desde`` is the ``presupuesto_desde`` for
    which ``gastado`` was counted: of another one, nobody has counted yet.
    """

    campana = models.OneToOneField(
        Campana, verbose_name=_("campaña"), on_delete=models.PROTECT, related_name="consumo"
    )
    gastado = campo_dinero(_("gastado"), default=0)
    contado_desde = models.DateTimeField(null=True)
    # When to count once more what began before there was a budget.
    recontar_en = models.DateTimeField(null=True)
    # There may be room for what waits.
    hay_sitio = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("presupuesto de campaña")
        verbose_name_plural = _("presupuestos de campañas")
        indexes = [
            models.Index(fields=["hay_sitio"], name="presupuesto_con_sitio"),
            models.Index(fields=["recontar_en"], name="presupuesto_recontar"),
        ]

    def __str__(self) -> str:
        return f"{self.campana_id}: {self.gastado}"
