"""Rules and their published versions."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from afiliados.afiliado.models import Afiliado, TipoAfiliado
from alpespartner.comun.db.campos import (
    CampoJSON,
    campo_dinero,
    campo_id_publico,
    campo_moneda,
    campo_porcentaje,
)
from alpespartner.comun.models import SoloInsercion
from conversiones.campanas.models import Campana


class TipoComision(models.TextChoices):
    """How a version computes."""

    PORCENTUAL = "porcentual", _("Porcentaje de la venta")
    FIJA = "fija", _("Importe fijo")
    MIXTA = "mixta", _("Porcentaje más importe fijo")
    ESCALONADA = "escalonada", _("Por tramos")
    RED = "red", _("Red de referentes")


class OrigenRegla(models.TextChoices):
    """Where the terms of a rule come from."""

    VERSION = "version", _("Sus versiones publicadas")
    AFILIADO = "afiliado", _("La configuración del afiliado")
    MANUAL = "manual", _("Quien calculó la comisión a mano")


# The rules without versions, as a migration named them.
_DEL_SISTEMA = {
    "Tarifa acordada con el afiliado": _("Tarifa acordada con el afiliado"),
    "Condiciones fijadas a mano": _("Condiciones fijadas a mano"),
}


def nombre_de_regla(nombre: str) -> str:
    """A rule's name for a person: people named all of them but those of the system."""
    return str(_DEL_SISTEMA.get(nombre, nombre))


class Regla(models.Model):
    """A stable rule; its terms are in its versions. ``campana`` NULL: the programme's default.

    Two rules of the system have no versions: the terms agreed with an affiliate and the ones given
    by hand. They exist so that every commission names the rule that it comes from.
    """

    id_publico = campo_id_publico()
    nombre = models.CharField(_("nombre"), max_length=120)
    origen = models.CharField(
        _("condiciones"),
        max_length=16,
        choices=OrigenRegla.choices,
        default=OrigenRegla.VERSION,
        editable=False,
    )
    campana = models.ForeignKey(
        Campana,
        verbose_name=_("campaña"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reglas",
        help_text=_("Vacía: para todo el programa."),
    )
    creada_en = models.DateTimeField(_("creada"), default=timezone.now, editable=False)
    # It pays no sale that occurs from then on, whatever its versions say.
    terminada_en = models.DateTimeField(_("terminada"), null=True, editable=False)

    class Meta:
        verbose_name = _("regla")
        verbose_name_plural = _("reglas")
        indexes = [models.Index(fields=["nombre"], name="regla_nombre")]
        permissions = [("publicar_regla", _("Puede publicar versiones de reglas"))]

    def __str__(self) -> str:
        return nombre_de_regla(self.nombre)


class VersionRegla(SoloInsercion):
    """Published terms of a rule, for conversions that occurred within its dates.

    ``porcentaje`` is in percent; the amounts are in the main unit of ``moneda``, for conversions in
    that currency. ``condiciones`` holds the other terms of the engine as its JSON (tiers, minimum,
    cap, base, level multipliers…); what it leaves out is inherited. Of the versions of a rule in
    force the one with the highest ``numero`` applies; ``cupon`` (in capitals), ``enlace``,
    ``afiliado``, ``tipo_afiliado``, ``producto`` and the rule's campaign are its scope; ``nivel`` 1
    pays whoever sold. One of type ``red`` holds the percentages of the levels from 2 on
    (``porcentajes``, ``tope``, ``suspendido``) instead.
    """

    regla = models.ForeignKey(
        Regla, verbose_name=_("regla"), on_delete=models.PROTECT, related_name="versiones"
    )
    numero = models.PositiveIntegerField(_("versión"))
    tipo = models.CharField(_("tipo"), max_length=16, choices=TipoComision.choices)
    porcentaje = campo_porcentaje(_("porcentaje"), null=True, blank=True)
    monto_fijo = campo_dinero(_("importe fijo"), null=True, blank=True)
    moneda = campo_moneda(blank=True)
    condiciones = CampoJSON(_("otras condiciones"), default=dict, blank=True)
    afiliado = models.ForeignKey(
        Afiliado,
        verbose_name=_("solo para el afiliado"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="versiones_regla",
    )
    tipo_afiliado = models.CharField(
        _("solo para el tipo de afiliado"), max_length=16, choices=TipoAfiliado.choices, blank=True
    )
    producto = models.CharField(_("solo para el producto"), max_length=64, blank=True)
    cupon = models.CharField(_("solo con el cupón"), max_length=64, blank=True)
    enlace = models.CharField(_("solo por el enlace"), max_length=64, blank=True)
    nivel = models.PositiveSmallIntegerField(_("nivel de la red"), default=1)
    prioridad = models.SmallIntegerField(_("prioridad"), default=0)
    vigente_desde = models.DateTimeField(_("vigente desde"))
    vigente_hasta = models.DateTimeField(_("vigente hasta"), null=True, blank=True)
    publicada_en = models.DateTimeField(_("publicada"), default=timezone.now)
    publicada_por = models.CharField(_("publicada por"), max_length=80)

    class Meta:
        verbose_name = _("versión de regla")
        verbose_name_plural = _("versiones de reglas")
        ordering = ("-numero",)
        constraints = [
            models.UniqueConstraint(fields=["regla", "numero"], name="version_regla_unica"),
            models.CheckConstraint(
                condition=(Q(porcentaje__isnull=True) | Q(porcentaje__range=(0, 100)))
                & (Q(monto_fijo__isnull=True) | Q(monto_fijo__gte=0))
                & Q(nivel__gte=1),
                name="version_regla_rangos",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.regla} v{self.numero}"
