"""Affiliates."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from afiliados.afiliado.documentos import legible
from afiliados.afiliado.estados import EstadoAfiliado
from alpespartner.comun.db.campos import (
    CampoJSON,
    campo_dinero,
    campo_id_publico,
    campo_moneda,
    campo_porcentaje,
)


class TipoAfiliado(models.TextChoices):
    """Commercial type; a premium affiliate earns its premium rate."""

    ESTANDAR = "estandar", _("Estándar")
    PREMIUM = "premium", _("Premium")


class Nivel(models.TextChoices):
    """Loyalty level."""

    BRONCE = "bronce", _("Bronce")
    PLATA = "plata", _("Plata")
    ORO = "oro", _("Oro")
    PLATINO = "platino", _("Platino")
    DIAMANTE = "diamante", _("Diamante")


class Idioma(models.TextChoices):
    """Language in which an affiliate is written to."""

    ES = "es", _("Español")
    EN = "en", _("Inglés")


class FrecuenciaResumen(models.TextChoices):
    """How often an affiliate gets the digest of its commissions. What tells of money sent, or of
    its account, comes anyway."""

    DIARIO = "diario", _("Cada día")
    SEMANAL = "semanal", _("Cada lunes")
    NUNCA = "nunca", _("Nunca")


class ConTasa:
    """What has the rates of an affiliate."""

    tipo_afiliado: Any
    comision_base: Any
    comision_premium: Any

    @property
    def tasa_propia(self) -> Decimal | None:
        """Percentage agreed with this affiliate, or None when it inherits the campaign's."""
        premium: Decimal | None = self.comision_premium
        if self.tipo_afiliado == TipoAfiliado.PREMIUM and premium is not None:
            return premium
        base: Decimal | None = self.comision_base
        return base


# A cookie lives no longer, so no click of it can be older.
MAX_VENTANA_DIAS = 400


class Afiliado(ConTasa, models.Model):
    """A partner who brings sales.

    Rates are percentages (15 means 15 %); NULL inherits the campaign's, 0 means no commission.
    ``comision_fija`` is an amount per order in ``moneda_comision`` and is used only for conversions
    in that currency.
    """

    id_publico = campo_id_publico()
    referencia_externa = models.CharField(
        _("referencia externa"),
        max_length=64,
        unique=True,
        null=True,
        blank=True,
    )
    nombre = models.CharField(_("nombre"), max_length=200)
    email = models.EmailField(_("correo"), max_length=254)
    # The e-mail in small letters, which no two have. NULL marks one whose e-mail another had before
    # that was asked for.
    correo_unico = models.CharField(max_length=400, unique=True, null=True, editable=False)
    telefono = models.CharField(_("teléfono"), max_length=32, blank=True)
    # One of TipoDocumento, unless it is from before they were checked.
    documento_tipo = models.CharField(_("tipo de documento"), max_length=16, blank=True)
    documento_pais = models.CharField(_("país del documento"), max_length=2, blank=True)
    documento_numero = models.CharField(
        _("número de documento"),
        max_length=32,
        null=True,
        blank=True,
    )
    tipo_afiliado = models.CharField(
        _("tipo"), max_length=16, choices=TipoAfiliado.choices, default=TipoAfiliado.ESTANDAR
    )
    nivel = models.CharField(_("nivel"), max_length=16, choices=Nivel.choices, default=Nivel.BRONCE)
    referente = models.ForeignKey(
        "self",
        verbose_name=_("referente"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="referidos",
    )
    comision_base = campo_porcentaje(_("comisión base (%)"), null=True, blank=True)
    comision_premium = campo_porcentaje(_("comisión premium (%)"), null=True, blank=True)
    comision_fija = campo_dinero(_("comisión fija por venta"), null=True, blank=True)
    moneda_comision = campo_moneda(blank=True)
    minimo_pago = campo_dinero(_("mínimo de pago"), null=True, blank=True)
    # Instead of the campaign's; NULL inherits it.
    ventana_atribucion_dias = models.PositiveSmallIntegerField(
        _("ventana de atribución (días)"), null=True, blank=True
    )
    idioma = models.CharField(_("idioma"), max_length=8, choices=Idioma.choices, default=Idioma.ES)
    resumen = models.CharField(
        _("resumen por correo"),
        max_length=16,
        choices=FrecuenciaResumen.choices,
        default=FrecuenciaResumen.DIARIO,
    )
    # Whether its terms changed ever: then rows of CondicionesAfiliado say what they were when.
    con_condiciones = models.BooleanField(default=False, editable=False)
    estado = models.CharField(
        _("estado"),
        max_length=16,
        choices=EstadoAfiliado.choices,
        default=EstadoAfiliado.PENDIENTE,
        editable=False,
    )
    # Of one that is suspended until then; a task brings it back.
    suspendido_hasta = models.DateTimeField(_("suspendido hasta"), null=True, editable=False)
    # When who it was was erased; its ids stay.
    borrado_en = models.DateTimeField(_("datos borrados"), null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    creado_en = models.DateTimeField(_("registrado"), default=timezone.now, editable=False)
    actualizado_en = models.DateTimeField(_("actualizado"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("afiliado")
        verbose_name_plural = _("afiliados")
        constraints = [
            models.UniqueConstraint(
                fields=["documento_tipo", "documento_pais", "documento_numero"],
                name="afiliado_documento_unico",
            ),
            models.CheckConstraint(
                condition=(Q(comision_base__isnull=True) | Q(comision_base__range=(0, 100)))
                & (Q(comision_premium__isnull=True) | Q(comision_premium__range=(0, 100))),
                name="afiliado_porcentajes",
            ),
        ]
        indexes = [
            models.Index(fields=["estado", "id"], name="afiliado_estado"),
            models.Index(fields=["email"], name="afiliado_email"),
            models.Index(fields=["nombre"], name="afiliado_nombre"),
            # What changed lately, for whoever remembers its state.
            models.Index(fields=["actualizado_en"], name="afiliado_actualizado"),
            models.Index(fields=["suspendido_hasta"], name="afiliado_suspendido_hasta"),
        ]
        permissions = [
            ("cambiar_estado_afiliado", _("Puede activar, suspender, bloquear y cerrar afiliados")),
            ("exportar_datos_afiliado", _("Puede llevarse todos los datos de un afiliado")),
            ("borrar_datos_afiliado", _("Puede proponer que se borren los datos de un afiliado")),
        ]

    def __str__(self) -> str:
        return self.nombre

    @property
    def documento(self) -> str:
        """Its document as people write it, "" without one."""
        return legible(self.documento_tipo, self.documento_pais, self.documento_numero)


class CondicionesAfiliado(ConTasa, models.Model):
    """What an affiliate earns by, and who referred it, for the sales that occur from ``desde`` on,
    until the next of its rows.

    ``campos`` are those that changed with it. ``aplicada_en`` is when the affiliate's own columns
    got it: NULL while its day is to come.
    """

    afiliado = models.ForeignKey(Afiliado, on_delete=models.PROTECT, related_name="condiciones")
    desde = models.DateTimeField(_("desde"))
    comision_base = campo_porcentaje(_("comisión base (%)"), null=True)
    comision_premium = campo_porcentaje(_("comisión premium (%)"), null=True)
    comision_fija = campo_dinero(_("comisión fija por venta"), null=True)
    moneda_comision = campo_moneda(blank=True)
    tipo_afiliado = models.CharField(_("tipo"), max_length=16, choices=TipoAfiliado.choices)
    nivel = models.CharField(_("nivel"), max_length=16, choices=Nivel.choices)
    referente = models.ForeignKey(
        Afiliado,
        verbose_name=_("referente"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    campos = CampoJSON(default=list)
    motivo = models.CharField(_("motivo"), max_length=500, blank=True)
    publicada_por = models.CharField(_("publicada por"), max_length=80, blank=True)
    confirmada_por = models.CharField(_("confirmada por"), max_length=80, blank=True)
    publicada_en = models.DateTimeField(_("publicada"), default=timezone.now)
    aplicada_en = models.DateTimeField(_("en vigor"), null=True)

    class Meta:
        verbose_name = _("condiciones de un afiliado")
        verbose_name_plural = _("condiciones de los afiliados")
        indexes = [
            models.Index(fields=["afiliado", "desde", "id"], name="condiciones_vigentes"),
            models.Index(fields=["aplicada_en", "desde"], name="condiciones_por_venir"),
        ]

    def __str__(self) -> str:
        return f"{self.afiliado_id} {self.desde:%Y-%m-%d}"


class ConfiguracionProgramada(models.Model):
    """What an affiliate's settings will be from ``desde`` on: the least that it is paid at once,
    and how it is written to. Of them, those that ``campos`` names.

    ``aplicada_en`` is when the affiliate's own columns got it: NULL while its moment is to come.
    """

    afiliado = models.ForeignKey(Afiliado, on_delete=models.PROTECT, related_name="programadas")
    desde = models.DateTimeField(_("desde"))
    minimo_pago = campo_dinero(_("mínimo de pago"), null=True)
    idioma = models.CharField(_("idioma"), max_length=8, choices=Idioma.choices)
    resumen = models.CharField(
        _("resumen por correo"), max_length=16, choices=FrecuenciaResumen.choices
    )
    campos = CampoJSON(default=list)
    motivo = models.CharField(_("motivo"), max_length=500, blank=True)
    publicada_por = models.CharField(_("publicada por"), max_length=80)
    publicada_en = models.DateTimeField(_("publicada"), default=timezone.now)
    aplicada_en = models.DateTimeField(_("en vigor"), null=True)

    class Meta:
        verbose_name = _("configuración programada")
        verbose_name_plural = _("configuraciones programadas")
        indexes = [
            models.Index(fields=["afiliado", "desde", "id"], name="configuracion_de_quien"),
            models.Index(fields=["aplicada_en", "desde"], name="configuracion_por_venir"),
        ]

    def __str__(self) -> str:
        return f"{self.afiliado_id} {self.desde:%Y-%m-%d}"
