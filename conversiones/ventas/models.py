"""Sales, what happened to them, and refunds that came before their sale."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.db.campos import CampoJSON, campo_dinero, campo_id_publico, campo_moneda
from alpespartner.comun.identificadores import LARGO_ID
from alpespartner.comun.models import SoloInsercion
from conversiones.campanas.models import Campana
from conversiones.clientes.models import Cliente
from conversiones.ventas.estados import EstadoConversion
from conversiones.ventas.motivos import MotivoDecision

# Length of the names that partners give to their sales and refunds.
MAX_REFERENCIA = 128


class TipoConversion(models.TextChoices):
    """What the customer did."""

    VENTA = "venta", _("Venta")
    SUSCRIPCION = "suscripcion", _("Suscripción")
    REGISTRO = "registro", _("Registro")
    LEAD = "lead", _("Contacto comercial")
    OTRO = "otro", _("Otro")


# What a customer does without paying may be worth nothing.
SIN_IMPORTE = (TipoConversion.REGISTRO, TipoConversion.LEAD, TipoConversion.OTRO)
# What a customer buys: its first one, and the renewals after it.
COMPRAS = (TipoConversion.VENTA, TipoConversion.SUSCRIPCION)


class Conversion(models.Model):
    """A sale: ``valor`` in the main unit of ``moneda``. Without ``afiliado`` it is nobody's, and
    earns nothing until somebody says whose it is."""

    id_publico = campo_id_publico()
    afiliado = models.ForeignKey(
        Afiliado,
        verbose_name=_("afiliado"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="conversiones",
    )
    campana = models.ForeignKey(
        Campana,
        verbose_name=_("campaña"),
        on_delete=models.PROTECT,
        related_name="conversiones",
    )
    cliente = models.ForeignKey(
        Cliente,
        verbose_name=_("cliente"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="conversiones",
    )
    referencia_externa = models.CharField(
        _("referencia externa"),
        max_length=MAX_REFERENCIA,
        null=True,
        blank=True,
    )
    tipo_conversion = models.CharField(
        _("tipo"), max_length=16, choices=TipoConversion.choices, default=TipoConversion.VENTA
    )
    canal_origen = models.CharField(_("canal de origen"), max_length=64, blank=True)
    cupon = models.CharField(_("cupón"), max_length=64, blank=True)
    enlace = models.CharField(_("enlace"), max_length=64, blank=True)
    valor = campo_dinero(_("valor"))
    moneda = campo_moneda()
    # Another of the same customer, amount and minutes, by its public id (see ``parecidas``).
    parecida_a = models.CharField(max_length=LARGO_ID, blank=True, editable=False)
    # Its days of retention count from here; NULL: from when it occurred.
    cuenta_desde = models.DateTimeField(null=True, editable=False)
    cliente_huella = models.CharField(
        _("cliente (huella)"),
        max_length=64,
        blank=True,
        help_text=_("SHA-256 con sal de los datos del cliente; los datos no se guardan."),
    )
    productos = CampoJSON(_("productos"), default=list, blank=True)
    metadatos = CampoJSON(_("metadatos"), default=dict, blank=True)
    ocurrida_en = models.DateTimeField(_("ocurrida"))
    estado = models.CharField(
        _("estado"),
        max_length=24,
        choices=EstadoConversion.choices,
        default=EstadoConversion.RECIBIDA,
    )
    # Why it was refused, when who did so chose it of the list.
    motivo_codigo = models.CharField(
        _("código del motivo"), max_length=24, choices=MotivoDecision.choices, blank=True
    )
    version = models.PositiveIntegerField(default=1)
    creada_en = models.DateTimeField(_("registrada"), default=timezone.now)
    actualizado_en = models.DateTimeField(_("actualizada"), default=timezone.now)

    class Meta:
        verbose_name = _("conversión")
        verbose_name_plural = _("conversiones")
        constraints = [
            models.UniqueConstraint(
                fields=["campana", "referencia_externa"], name="conversion_referencia_unica"
            ),
            models.CheckConstraint(
                condition=Q(valor__gt=0) | Q(valor=0, tipo_conversion__in=SIN_IMPORTE),
                name="conversion_valor_positivo",
            ),
        ]
        indexes = [
            models.Index(fields=["estado", "id"], name="conversion_estado"),
            models.Index(fields=["referencia_externa"], name="conversion_referencia"),
            models.Index(fields=["ocurrida_en"], name="conversion_ocurrida"),
            # The lists, by what they are filtered with.
            models.Index(fields=["afiliado", "id"], name="conversion_afiliado"),
            models.Index(fields=["afiliado", "estado", "id"], name="conversion_afiliado_estado"),
            models.Index(fields=["afiliado", "ocurrida_en"], name="conversion_afil_ocurrida"),
            models.Index(fields=["campana", "id"], name="conversion_campana"),
            models.Index(fields=["campana", "estado", "id"], name="conversion_campana_estado"),
            # What a new sale of the same customer may be a copy of.
            models.Index(
                fields=["cliente", "moneda", "valor", "ocurrida_en"], name="conversion_parecidas"
            ),
            # The sales of a customer, in order.
            models.Index(
                fields=["cliente", "ocurrida_en", "id_publico"], name="conversion_de_cliente"
            ),
            # What changed since an instant.
            models.Index(fields=["actualizado_en"], name="conversion_actualizada"),
        ]
        permissions = [
            ("validar_conversion", _("Puede validar y rechazar conversiones")),
            ("asignar_conversion", _("Puede decir de quién es una venta sin atribuir")),
            ("reasignar_conversion", _("Puede proponer que una venta sea de otro afiliado")),
            ("devolver_conversion", _("Puede registrar devoluciones a mano")),
        ]

    def __str__(self) -> str:
        return self.id_publico

    @property
    def vendedor(self) -> Afiliado:
        """Whose it is, of one that is somebody's. Raises ValueError for one that is nobody's."""
        if self.afiliado is None:
            raise ValueError(f"{self.id_publico}: sin atribuir")
        return self.afiliado


class AtribucionVenta(SoloInsercion):
    """Why a sale was credited to whom it was when it came, or to nobody: every candidate with why
    it won or lost (``conversiones.atribucion``). One that only named its affiliate has none."""

    conversion = models.OneToOneField(
        Conversion,
        verbose_name=_("conversión"),
        on_delete=models.PROTECT,
        related_name="atribucion",
    )
    motivo = models.CharField(_("motivo"), max_length=16)
    # The coupon or the click that decided.
    dato = models.CharField(_("dato"), max_length=64, blank=True)
    clic_id = models.CharField(_("clic que dijo la tienda"), max_length=64, blank=True)
    candidatos = CampoJSON(_("candidatos"), default=list, blank=True)
    creada_en = models.DateTimeField(_("decidida"), default=timezone.now)

    class Meta:
        verbose_name = _("atribución de una venta")
        verbose_name_plural = _("atribuciones de ventas")

    def __str__(self) -> str:
        return f"{self.conversion_id}: {self.motivo}"


class TipoMovimiento(models.TextChoices):
    """What happened to a sale."""

    VENTA = "venta", _("Venta")
    DEVOLUCION = "devolucion", _("Devolución")
    CONTRACARGO = "contracargo", _("Contracargo")
    AJUSTE = "ajuste", _("Rebaja del precio")
    RECHAZO = "rechazo", _("Rechazo")
    REPOSICION = "reposicion", _("Reposición")


# What a partner may report; the sale itself is written by us.
DEVOLUCIONES = (TipoMovimiento.DEVOLUCION, TipoMovimiento.CONTRACARGO, TipoMovimiento.AJUSTE)


class MovimientoConversion(SoloInsercion):
    """A change in what a sale is worth: ``monto`` in the conversion's currency, the sale positive
    and what is taken back negative. They add up to what is left of the sale.

    A sale without refunds has none; its first refund writes the sale's own movement too. One that
    was refused and came again has both facts: they cancel each other.
    """

    id_publico = campo_id_publico()
    # The sale's, where its ``id_externo`` is unique.
    campana = models.ForeignKey(
        Campana, verbose_name=_("campaña"), on_delete=models.PROTECT, related_name="movimientos"
    )
    conversion = models.ForeignKey(
        Conversion,
        verbose_name=_("conversión"),
        on_delete=models.PROTECT,
        related_name="movimientos",
    )
    tipo = models.CharField(_("tipo"), max_length=16, choices=TipoMovimiento.choices)
    id_externo = models.CharField(_("identificador externo"), max_length=MAX_REFERENCIA)
    monto = campo_dinero(_("monto"))
    moneda = campo_moneda()
    # What a refund says that it is of; empty: of anything (see ``desglose``).
    de = CampoJSON(_("de qué"), default=list, blank=True)
    motivo = models.CharField(_("motivo"), max_length=500, blank=True)
    actor = models.CharField(_("autor"), max_length=80)
    ocurrido_en = models.DateTimeField(_("ocurrido"))
    creado_en = models.DateTimeField(_("registrado"), default=timezone.now)

    class Meta:
        verbose_name = _("movimiento de la conversión")
        verbose_name_plural = _("movimientos de las conversiones")
        constraints = [
            models.UniqueConstraint(fields=["campana", "id_externo"], name="movimiento_unico"),
        ]

    def __str__(self) -> str:
        return self.id_publico


class DevolucionPendiente(models.Model):
    """A refund that came before its sale, kept until the sale is registered.

    ``monto`` NULL: all of it; else as it was given, in the currency of a sale that nobody knows
    yet. ``resuelta_en`` is when the sale came; ``problema`` says why it could not be applied.
    """

    campana = models.ForeignKey(
        Campana, verbose_name=_("campaña"), on_delete=models.PROTECT, related_name="devoluciones"
    )
    referencia_externa = models.CharField(_("referencia externa"), max_length=MAX_REFERENCIA)
    tipo = models.CharField(_("tipo"), max_length=16, choices=TipoMovimiento.choices)
    id_externo = models.CharField(_("identificador externo"), max_length=MAX_REFERENCIA)
    monto = campo_dinero(_("monto"), null=True)
    de = CampoJSON(_("de qué"), default=list, blank=True)
    motivo = models.CharField(_("motivo"), max_length=500, blank=True)
    actor = models.CharField(_("autor"), max_length=80)
    ocurrido_en = models.DateTimeField(_("ocurrido"))
    creado_en = models.DateTimeField(_("recibida"), default=timezone.now)
    resuelta_en = models.DateTimeField(_("resuelta"), null=True)
    problema = models.CharField(_("problema"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("devolución sin su venta")
        verbose_name_plural = _("devoluciones sin su venta")
        constraints = [
            models.UniqueConstraint(fields=["campana", "id_externo"], name="devolucion_unica"),
        ]
        indexes = [
            models.Index(
                fields=["referencia_externa", "campana", "resuelta_en"], name="devolucion_pendiente"
            ),
            # What waits, and what needs a person.
            models.Index(fields=["resuelta_en", "id"], name="devolucion_espera"),
            models.Index(fields=["problema", "id"], name="devolucion_problema"),
            # What is searched for.
            models.Index(fields=["id_externo"], name="devolucion_id_externo"),
        ]

    def __str__(self) -> str:
        return self.id_externo
