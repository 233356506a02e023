"""Links, coupons, clicks, the keys of their digests and how many clicks came each day."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.db.campos import campo_id_publico, campo_moneda
from alpespartner.comun.granos import Grano
from alpespartner.comun.models import SoloInsercion
from conversiones.campanas.models import MAX_DIRECCION, Campana
from conversiones.rastreo.codigos import MAX_CUPON, MAX_ENLACE
from conversiones.rastreo.estados import EstadoDeCodigo

# Hexadecimal digits of a digest: 128 bits.
LARGO_HUELLA = 32
MAX_SUBID = 255
SUBIDS = ("sub1", "sub2", "sub3", "sub4", "sub5")


class Causa(models.TextChoices):
    """Why a request for a link is no click."""

    SIN_AGENTE = "sin_agente", _("No dice qué navegador es")
    ROBOT = "robot", _("Un robot")
    PREFETCH = "prefetch", _("El navegador la pidió por adelantado")


def _estado() -> models.CharField[str, str]:
    return models.CharField(
        _("estado"),
        max_length=16,
        choices=EstadoDeCodigo.choices,
        default=EstadoDeCodigo.ACTIVO,
        editable=False,
    )


class Enlace(models.Model):
    """A tracking link of an affiliate in a campaign: ``/r/<codigo>``.

    ``codigo`` is unique for ever, also of one that was retired: it stands printed somewhere. It
    leads to ``destino``; empty, to the campaign's own page.
    """

    id_publico = campo_id_publico()
    codigo = models.CharField(_("código"), max_length=MAX_ENLACE, unique=True)
    afiliado = models.ForeignKey(
        Afiliado, verbose_name=_("afiliado"), on_delete=models.PROTECT, related_name="enlaces"
    )
    campana = models.ForeignKey(
        Campana, verbose_name=_("campaña"), on_delete=models.PROTECT, related_name="enlaces"
    )
    destino = models.CharField(_("destino"), max_length=MAX_DIRECCION, blank=True)
    estado = _estado()
    version = models.PositiveIntegerField(default=1, editable=False)
    creado_en = models.DateTimeField(_("creado"), default=timezone.now, editable=False)
    retirado_en = models.DateTimeField(_("retirado"), null=True, editable=False)
    actualizado_en = models.DateTimeField(_("actualizado"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("enlace")
        verbose_name_plural = _("enlaces")
        indexes = [
            models.Index(fields=["estado", "id"], name="enlace_estado"),
            models.Index(fields=["actualizado_en"], name="enlace_actualizado"),
            models.Index(fields=["afiliado", "estado", "id"], name="enlace_afiliado_estado"),
            models.Index(fields=["campana", "estado", "id"], name="enlace_campana_estado"),
        ]
        permissions = [("retirar_enlace", _("Puede retirar enlaces"))]

    def __str__(self) -> str:
        return self.codigo


class Cupon(models.Model):
    """A code that a buyer types and that is an affiliate's, in one campaign or, without it, in all.

    ``vivo`` is the code while it lives and NULL afterwards: that it is unique is what gives a code
    one owner at a time in the programme.
    """

    id_publico = campo_id_publico()
    codigo = models.CharField(_("código"), max_length=MAX_CUPON)
    vivo = models.CharField(max_length=MAX_CUPON, null=True, unique=True, editable=False)
    afiliado = models.ForeignKey(
        Afiliado, verbose_name=_("afiliado"), on_delete=models.PROTECT, related_name="cupones"
    )
    campana = models.ForeignKey(
        Campana,
        verbose_name=_("campaña"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cupones",
    )
    estado = _estado()
    version = models.PositiveIntegerField(default=1, editable=False)
    creado_en = models.DateTimeField(_("creado"), default=timezone.now, editable=False)
    retirado_en = models.DateTimeField(_("retirado"), null=True, editable=False)
    actualizado_en = models.DateTimeField(_("actualizado"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("cupón")
        verbose_name_plural = _("cupones")
        constraints = [
            models.CheckConstraint(
                condition=Q(vivo__isnull=True, estado=EstadoDeCodigo.RETIRADO)
                | Q(vivo__isnull=False, estado=EstadoDeCodigo.ACTIVO),
                name="cupon_vivo_o_retirado",
            )
        ]
        indexes = [
            models.Index(fields=["codigo", "id"], name="cupon_codigo"),
            models.Index(fields=["estado", "id"], name="cupon_estado"),
            models.Index(fields=["afiliado", "estado", "id"], name="cupon_afiliado_estado"),
            models.Index(fields=["campana", "estado", "id"], name="cupon_campana_estado"),
        ]
        permissions = [("retirar_cupon", _("Puede retirar cupones"))]

    def __str__(self) -> str:
        return self.codigo


class Clic(SoloInsercion):
    """A request for a link. With ``descartado`` it is no click, and counts nowhere.

    Nothing here tells who it was: ``ip_dia``, ``agente`` and ``visita`` (link, address and agent)
    are digests with the key of the day, ``ip_riesgo`` with that of the quarter, and say nothing
    once the key is destroyed. Without consent there are none. ``visitante`` is the first click of
    the same browser, as its cookie told. ``avisos`` are codes, separated by blanks.
    """

    id_publico = campo_id_publico()
    enlace = models.ForeignKey(
        Enlace, verbose_name=_("enlace"), on_delete=models.PROTECT, related_name="clics"
    )
    afiliado = models.ForeignKey(
        Afiliado, verbose_name=_("afiliado"), on_delete=models.PROTECT, related_name="clics"
    )
    # The link's, which has the constraint: an index of its own would serve nobody.
    campana = models.ForeignKey(
        Campana,
        verbose_name=_("campaña"),
        on_delete=models.PROTECT,
        related_name="clics",
        db_index=False,
        db_constraint=False,
    )
    momento = models.DateTimeField(_("momento"))
    visitante = models.CharField(max_length=40, blank=True)
    consentimiento = models.BooleanField(_("consentimiento"))
    unico = models.BooleanField(_("único"))
    descartado = models.CharField(_("descartado"), max_length=16, choices=Causa.choices, blank=True)
    avisos = models.CharField(_("avisos"), max_length=200, blank=True)
    ip_dia = models.CharField(max_length=LARGO_HUELLA, blank=True)
    ip_riesgo = models.CharField(max_length=LARGO_HUELLA, blank=True, db_index=True)
    agente = models.CharField(max_length=LARGO_HUELLA, blank=True)
    visita = models.CharField(max_length=LARGO_HUELLA, blank=True)
    sub1 = models.CharField(max_length=MAX_SUBID, blank=True)
    sub2 = models.CharField(max_length=MAX_SUBID, blank=True)
    sub3 = models.CharField(max_length=MAX_SUBID, blank=True)
    sub4 = models.CharField(max_length=MAX_SUBID, blank=True)
    sub5 = models.CharField(max_length=MAX_SUBID, blank=True)

    class Meta:
        verbose_name = _("clic")
        verbose_name_plural = _("clics")
        indexes = [
            # Who may have brought a visitor's sale.
            models.Index(fields=["visitante", "campana", "momento"], name="clic_de_visitante"),
            # Whether it is the first of its hour.
            models.Index(fields=["visita", "unico", "momento"], name="clic_de_visita"),
        ]

    def __str__(self) -> str:
        return self.id_publico


class OlvidoDeClics(models.Model):
    """Clicks of an affiliate that was erased, which a task forgets: those after ``ultimo``, by
    their key. It goes when there are no more."""

    afiliado = models.OneToOneField(
        Afiliado, verbose_name=_("afiliado"), on_delete=models.PROTECT, related_name="+"
    )
    ultimo = models.BigIntegerField(_("último"), default=0)
    creado_en = models.DateTimeField(_("pedido"), default=timezone.now)

    class Meta:
        verbose_name = _("olvido de clics")
        verbose_name_plural = _("olvidos de clics")

    def __str__(self) -> str:
        return str(self.afiliado_id)


class ClicsDelDia(models.Model):
    """How many clicks a link had in a day of its campaign's zone: they outlive the clicks."""

    enlace = models.ForeignKey(
        Enlace, verbose_name=_("enlace"), on_delete=models.PROTECT, related_name="dias"
    )
    dia = models.DateField(_("día"))
    clics = models.PositiveIntegerField(_("clics"), default=0)
    unicos = models.PositiveIntegerField(_("únicos"), default=0)
    descartados = models.PositiveIntegerField(_("descartados"), default=0)

    class Meta:
        verbose_name = _("clics de un día")
        verbose_name_plural = _("clics por día")
        constraints = [
            models.UniqueConstraint(fields=["enlace", "dia"], name="clics_del_dia_unicos")
        ]
        # What a report reads of some days, of every link: nothing but the index.
        indexes = [
            models.Index(fields=["dia", "enlace", "clics", "unicos"], name="clics_del_dia_informe")
        ]

    def __str__(self) -> str:
        return f"{self.enlace_id} {self.dia:%Y-%m-%d}"


class ClicsDelMes(models.Model):
    """What ``ClicsDelDia`` adds up to in a month, by its first day: a year of a link is a dozen
    rows."""

    # The constraint below begins with it.
    enlace = models.ForeignKey(
        Enlace, verbose_name=_("enlace"), on_delete=models.PROTECT, related_name="meses",
        db_index=False,
    )  # fmt: skip
    mes = models.DateField(_("mes"))
    clics = models.PositiveIntegerField(_("clics"), default=0)
    unicos = models.PositiveIntegerField(_("únicos"), default=0)

    class Meta:
        verbose_name = _("clics de un mes")
        verbose_name_plural = _("clics por mes")
        constraints = [
            models.UniqueConstraint(fields=["enlace", "mes"], name="clics_del_mes_unicos")
        ]
        indexes = [
            models.Index(fields=["mes", "enlace", "clics", "unicos"], name="clics_del_mes_informe")
        ]

    def __str__(self) -> str:
        return f"{self.enlace_id} {self.mes:%Y-%m}"


class ClicsDeTramo(models.Model):
    """What ``ClicsDelDia`` adds up to in a stretch (``desde`` is its first day): of a campaign or
    all (0), of an affiliate or all (0). Keys, so that counting locks nobody's row. A click is of
    its campaign's currency."""

    campana = models.BigIntegerField(_("campaña"))
    afiliado = models.BigIntegerField(_("afiliado"))
    grano = models.CharField(_("tramo"), max_length=1, choices=Grano.choices)
    desde = models.DateField(_("desde"))
    moneda = campo_moneda()
    clics = models.BigIntegerField(_("clics"), default=0)
    unicos = models.BigIntegerField(_("únicos"), default=0)

    class Meta:
        verbose_name = _("clics de un tramo")
        verbose_name_plural = _("clics por tramo")
        constraints = [
            models.UniqueConstraint(
                fields=["campana", "afiliado", "grano", "desde", "moneda"],
                name="clics_de_tramo_unicos",
            )
        ]
        indexes = [
            # Each affiliate's, and each campaign's, in some dates.
            models.Index(fields=["campana", "grano", "desde"], name="clics_de_tramo_campana"),
            models.Index(fields=["afiliado", "grano", "desde"], name="clics_de_tramo_afiliado"),
        ]

    def __str__(self) -> str:
        return f"{self.grano} {self.desde:%Y-%m-%d} {self.campana} {self.afiliado}"


class ClaveDeHuella(models.Model):
    """The key of the digests of a day or a quarter, encrypted. Destroying it is erasing them."""

    periodo = models.CharField(max_length=16, unique=True)
    secreto = models.TextField()
    caduca_en = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("clave de huellas")
        verbose_name_plural = _("claves de huellas")

    def __str__(self) -> str:
        return self.periodo
