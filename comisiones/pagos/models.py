"""Batches, payments, what they pay, and each attempt to send one."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.db.campos import (
    CampoJSON,
    campo_dinero,
    campo_id_publico,
    campo_moneda,
)
from alpespartner.comun.models import SoloInsercion
from comisiones.ajustes.models import Ajuste
from comisiones.pagos.estados import EstadoLote, EstadoPago, MotivoExclusion
from comisiones.retenciones.models import RetencionFiscal
from conversiones.campanas.models import Campana


class LotePago(models.Model):
    """Payments in one currency that one person prepares and another releases.

    ``huella`` is the SHA-256 of what was frozen; ``total`` and ``numero_pagos`` are its sum in
    ``moneda`` and its number of payments. Long work goes in portions: ``propuesto_hasta`` is the
    key of the last affiliate that its proposal went over, ``soltado_hasta`` of the last payment
    that dropping it voided, and ``reintentado_hasta`` of the last failed one that was tried again;
    each is NULL while there is nothing of that left to do.
    """

    id_publico = campo_id_publico()
    moneda = campo_moneda()
    campana = models.ForeignKey(
        Campana,
        verbose_name=_("campaña"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="lotes",
    )
    hasta = models.DateTimeField(_("maduradas hasta"), default=timezone.now)
    pasarela = models.CharField(_("pasarela"), max_length=32)
    estado = models.CharField(
        _("estado"),
        max_length=24,
        choices=EstadoLote.choices,
        default=EstadoLote.BORRADOR,
        editable=False,
    )
    huella = models.CharField(_("huella"), max_length=64, blank=True, editable=False)
    total = campo_dinero(_("total"), default=0, editable=False)
    numero_pagos = models.PositiveIntegerField(_("pagos"), default=0, editable=False)
    propuesto_hasta = models.PositiveBigIntegerField(null=True, editable=False, db_index=True)
    soltado_hasta = models.PositiveBigIntegerField(null=True, editable=False, db_index=True)
    reintentado_hasta = models.PositiveBigIntegerField(null=True, editable=False, db_index=True)
    preparado_por = models.CharField(_("preparado por"), max_length=80, editable=False)
    congelado_por = models.CharField(_("congelado por"), max_length=80, blank=True, editable=False)
    liberado_por = models.CharField(_("liberado por"), max_length=80, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    creado_en = models.DateTimeField(_("creado"), default=timezone.now, editable=False)
    actualizado_en = models.DateTimeField(_("actualizado"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("lote de pagos")
        verbose_name_plural = _("lotes de pagos")
        indexes = [models.Index(fields=["estado", "id"], name="lote_estado")]
        permissions = [
            ("preparar_lote", _("Puede proponer, congelar y cerrar lotes de pagos")),
            ("liberar_lote", _("Puede liberar lotes que preparó otra persona")),
        ]

    def __str__(self) -> str:
        return self.id_publico

    @property
    def a_medias(self) -> bool:
        """Whether something of it is left to a task."""
        pendientes = (self.propuesto_hasta, self.soltado_hasta, self.reintentado_hasta)
        return any(hasta is not None for hasta in pendientes)


# The batches of which something is left to a task.
A_MEDIAS = (
    Q(propuesto_hasta__isnull=False)
    | Q(soltado_hasta__isnull=False)
    | Q(reintentado_hasta__isnull=False)
)


class ExclusionLote(SoloInsercion):
    """An affiliate that a batch left out, why, and what it is owed (``importe``, may be < 0)."""

    lote = models.ForeignKey(LotePago, on_delete=models.PROTECT, related_name="exclusiones")
    afiliado = models.ForeignKey(Afiliado, on_delete=models.PROTECT, related_name="+")
    motivo = models.CharField(_("motivo"), max_length=24, choices=MotivoExclusion.choices)
    importe = campo_dinero(_("importe"))

    class Meta:
        verbose_name = _("exclusión de un lote")
        verbose_name_plural = _("exclusiones de un lote")
        constraints = [
            models.UniqueConstraint(fields=["lote", "afiliado"], name="exclusion_unica"),
        ]

    def __str__(self) -> str:
        return f"{self.lote_id} {self.afiliado_id} {self.motivo}"


class Pago(models.Model):
    """Money to one affiliate: ``importe`` in the main unit of ``moneda``, besides what is withheld.

    ``retenido`` is what ``retencion`` kept of the gross when the payment was made.

    Without ``lote`` it was scheduled by itself. ``reintento_de`` is the payment that failed and
    that this one makes again.
    """

    id_publico = campo_id_publico()
    lote = models.ForeignKey(
        LotePago, verbose_name=_("lote"), on_delete=models.PROTECT, null=True, related_name="pagos"
    )
    reintento_de = models.OneToOneField(
        "self",
        verbose_name=_("reintento de"),
        on_delete=models.PROTECT,
        null=True,
        related_name="reintento",
    )
    afiliado = models.ForeignKey(
        Afiliado, verbose_name=_("afiliado"), on_delete=models.PROTECT, related_name="pagos"
    )
    importe = campo_dinero(_("importe"))
    retenido = campo_dinero(_("retenido"), default=0)
    retencion = models.ForeignKey(
        RetencionFiscal,
        verbose_name=_("retención"),
        on_delete=models.PROTECT,
        null=True,
        related_name="pagos",
    )
    moneda = campo_moneda()
    estado = models.CharField(
        _("estado"), max_length=16, choices=EstadoPago.choices, default=EstadoPago.LISTO
    )
    pasarela = models.CharField(_("pasarela"), max_length=32)
    detalle = models.CharField(_("detalle"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)
    creado_en = models.DateTimeField(_("creado"), default=timezone.now)
    actualizado_en = models.DateTimeField(_("actualizado"), default=timezone.now)
    pagado_en = models.DateTimeField(_("pagado en"), null=True)

    class Meta:
        verbose_name = _("pago")
        verbose_name_plural = _("pagos")
        constraints = [
            models.CheckConstraint(condition=Q(importe__gt=0), name="pago_positivo"),
            models.CheckConstraint(
                condition=Q(retencion__isnull=True, retenido=0)
                | Q(retencion__isnull=False, retenido__gte=0),
                name="pago_retenido",
            ),
        ]
        indexes = [
            models.Index(fields=["estado", "actualizado_en"], name="pago_estado"),
            models.Index(fields=["lote", "estado", "id"], name="pago_lote"),
            # The lists, by what they are filtered with.
            models.Index(fields=["lote", "id"], name="pago_de_lote"),
            models.Index(fields=["estado", "id"], name="pago_por_estado"),
            models.Index(fields=["afiliado", "id"], name="pago_afiliado"),
            models.Index(fields=["afiliado", "estado", "id"], name="pago_afiliado_estado"),
            # What changed since an instant.
            models.Index(fields=["actualizado_en"], name="pago_actualizado"),
        ]
        permissions = [
            ("reintentar_pago", _("Puede reintentar y anular pagos")),
            ("decidir_pago", _("Puede decir qué fue de un pago incierto")),
        ]

    def __str__(self) -> str:
        return self.id_publico

    @property
    def bruto(self) -> Decimal:
        """What it settles: the sum of its items."""
        return self.importe + self.retenido


class ItemPago(models.Model):
    """A commission or an adjustment inside a payment; the adjustment's ``importe`` may be negative.

    ``comision_viva`` and ``ajuste_vivo`` repeat it while the payment may still pay it and are NULL
    after it failed for certain: their uniqueness makes a second live payout impossible.
    """

    pago = models.ForeignKey(Pago, on_delete=models.PROTECT, related_name="items")
    comision = models.ForeignKey(
        "comisiones.Comision", on_delete=models.PROTECT, null=True, related_name="items_pago"
    )
    comision_viva = models.OneToOneField(
        "comisiones.Comision", on_delete=models.PROTECT, null=True, related_name="item_vivo"
    )
    ajuste = models.ForeignKey(
        Ajuste, on_delete=models.PROTECT, null=True, related_name="items_pago"
    )
    ajuste_vivo = models.OneToOneField(
        Ajuste, on_delete=models.PROTECT, null=True, related_name="item_vivo"
    )
    importe = campo_dinero(_("importe"))
    moneda = campo_moneda()

    class Meta:
        verbose_name = _("concepto del pago")
        verbose_name_plural = _("conceptos del pago")
        constraints = [
            models.CheckConstraint(
                condition=Q(comision__isnull=False, ajuste__isnull=True)
                | Q(comision__isnull=True, ajuste__isnull=False),
                name="item_de_una_cosa",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pago_id} {self.comision_id or self.ajuste_id}"


class IntentoPago(SoloInsercion):
    """Intent to send a payment, committed before the gateway is called.

    The same ``clave`` goes with every repetition, so that the gateway pays it once.
    """

    pago = models.ForeignKey(Pago, on_delete=models.PROTECT, related_name="intentos")
    clave = models.CharField(_("clave de idempotencia"), max_length=64, unique=True)
    huella = models.CharField(_("huella de la orden"), max_length=64)
    creado_en = models.DateTimeField(_("fecha"), default=timezone.now)

    class Meta:
        verbose_name = _("intento de pago")
        verbose_name_plural = _("intentos de pago")

    def __str__(self) -> str:
        return self.clave


class FicheroPago(SoloInsercion):
    """The file of a batch for the bank: encrypted, with the SHA-256, count and sum of what it says.

    One per batch, in its currency.
    """

    lote = models.OneToOneField(LotePago, on_delete=models.PROTECT, related_name="fichero")
    nombre = models.CharField(_("nombre"), max_length=64)
    contenido_cifrado = models.TextField(editable=False)
    huella = models.CharField(_("huella"), max_length=64)
    pagos = models.PositiveIntegerField(_("pagos"))
    total = campo_dinero(_("total"))
    creado_en = models.DateTimeField(_("creado"), default=timezone.now)

    class Meta:
        verbose_name = _("fichero de un lote")
        verbose_name_plural = _("ficheros de lotes")

    def __str__(self) -> str:
        return self.nombre


class ExtractoBanco(SoloInsercion):
    """A statement of our account that somebody imported; the same file is taken once.

    ``movimientos`` is how many lines it has: a :class:`LineaBanco` says what became of each.
    """

    id_publico = campo_id_publico()
    nombre = models.CharField(_("fichero"), max_length=200)
    huella = models.CharField(_("huella"), max_length=64, unique=True, editable=False)
    movimientos = models.PositiveIntegerField(_("líneas"), editable=False)
    importado_por = models.CharField(_("importado por"), max_length=80, editable=False)
    creado_en = models.DateTimeField(_("importado"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("extracto del banco")
        verbose_name_plural = _("extractos del banco")

    def __str__(self) -> str:
        return self.nombre


class ExtractoPendiente(models.Model):
    """A statement with lines still to apply: its file, encrypted, for as long as it is needed.

    Inserted with the statement and deleted with its last line. ``cuenta_cifrada`` is our account
    when it was imported, "" for one that is of no other. Nothing of it is applied while it is
    ``por_confirmar``, because of ``vueltas``: its lines that give money back, as reference, amount
    and currency.
    """

    extracto = models.OneToOneField(
        ExtractoBanco, on_delete=models.PROTECT, related_name="pendiente"
    )
    contenido_cifrado = models.TextField(editable=False)
    cuenta_cifrada = models.TextField(blank=True, default="", editable=False)
    por_confirmar = models.BooleanField(_("por confirmar"), default=False)
    vueltas = CampoJSON(default=list, editable=False)
    ultimo_error = models.CharField(_("último error"), max_length=80, blank=True)
    actualizado_en = models.DateTimeField(_("actualizado"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("extracto por aplicar")
        verbose_name_plural = _("extractos por aplicar")

    def __str__(self) -> str:
        return f"{self.extracto_id}"


class ResultadoLinea(models.TextChoices):
    """What a line of a statement did."""

    APLICADA = "aplicada", _("Aplicada")
    YA_SABIDA = "ya_sabida", _("Ya se sabía")
    REPETIDA = "repetida", _("Línea repetida")
    PENDIENTE = "pendiente", _("El banco aún no la contabilizó")
    DESCONOCIDA = "desconocida", _("Referencia desconocida")
    IMPORTE_DISTINTO = "importe_distinto", _("El importe no es el del pago")
    CONTRADICE = "contradice", _("Contradice lo que ya se sabía")
    DE_MAS = "de_mas", _("El banco lo movió de más")
    COMPENSA = "compensa", _("Compensa un movimiento de más")
    OTRA_CUENTA = "otra_cuenta", _("De otra cuenta")
    ILEGIBLE = "ilegible", _("No se pudo leer")


class ResultadoAviso(models.TextChoices):
    """What a notice of a gateway did."""

    APLICADO = "aplicado", _("Aplicado")
    YA_SABIDO = "ya_sabido", _("Ya se sabía")
    DESCONOCIDO = "desconocido", _("De ningún pago nuestro")
    OTRA_COSA = "otra_cosa", _("No es lo que se pidió")
    EN_PARTE = "en_parte", _("Se revirtió en parte")
    CONTRADICE = "contradice", _("Contradice lo que ya se sabía")


class AvisoPasarela(SoloInsercion):
    """What a gateway told by itself, once, and what that did. ``referencia`` is the transfer's.

    ``dicho`` is the state that it says that the payment is in, "" when it is none.
    """

    pasarela = models.CharField(_("pasarela"), max_length=32)
    id_externo = models.CharField(_("aviso"), max_length=255)
    tipo = models.CharField(_("tipo"), max_length=64)
    referencia = models.CharField(_("referencia"), max_length=255)
    dicho = models.CharField(_("estado que dice"), max_length=16, blank=True)
    pago = models.ForeignKey(
        Pago, verbose_name=_("pago"), on_delete=models.PROTECT, null=True, related_name="avisos"
    )
    resultado = models.CharField(_("resultado"), max_length=20, choices=ResultadoAviso.choices)
    detalle = models.CharField(_("detalle"), max_length=200, blank=True)
    creado_en = models.DateTimeField(_("recibido"), default=timezone.now)

    class Meta:
        verbose_name = _("aviso de una pasarela")
        verbose_name_plural = _("avisos de pasarelas")
        constraints = [
            models.UniqueConstraint(fields=["pasarela", "id_externo"], name="aviso_unico"),
        ]
        indexes = [models.Index(fields=["resultado", "id"], name="aviso_resultado")]

    def __str__(self) -> str:
        return self.id_externo


class LineaBanco(SoloInsercion):
    """A line of a statement and what became of it. ``importe`` is negative when money left.

    ``cargos`` is what the bank charged for it, in the same currency: NULL when it says nothing.
    ``huella`` is NULL in a line that repeats one of another statement.
    """

    extracto = models.ForeignKey(ExtractoBanco, on_delete=models.PROTECT, related_name="lineas")
    numero = models.PositiveIntegerField(_("línea"))
    huella = models.CharField(max_length=64, unique=True, null=True, editable=False)
    referencia = models.CharField(_("referencia"), max_length=40, blank=True)
    referencia_banco = models.CharField(_("referencia del banco"), max_length=40, blank=True)
    fecha = models.CharField(_("fecha"), max_length=32, blank=True)
    importe = campo_dinero(_("importe"), null=True)
    cargos = campo_dinero(_("cargos"), null=True)
    moneda = campo_moneda()
    pago = models.ForeignKey(
        Pago, verbose_name=_("pago"), on_delete=models.PROTECT, null=True, related_name="lineas"
    )
    resultado = models.CharField(_("resultado"), max_length=20, choices=ResultadoLinea.choices)
    detalle = models.CharField(_("detalle"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("línea del banco")
        verbose_name_plural = _("líneas del banco")
        constraints = [
            models.UniqueConstraint(fields=["extracto", "numero"], name="linea_banco_unica"),
        ]
        indexes = [
            models.Index(fields=["resultado", "id"], name="linea_banco_resultado"),
            models.Index(fields=["extracto", "id"], name="linea_banco_extracto"),
            models.Index(fields=["extracto", "resultado", "id"], name="linea_banco_su_resultado"),
        ]

    def __str__(self) -> str:
        return f"{self.extracto_id}/{self.numero}"


class LineaPorMirar(models.Model):
    """That a line of a statement, with a difference, waits for a person. It is deleted when one
    says that they looked at it, which its history tells."""

    linea = models.OneToOneField(
        LineaBanco, verbose_name=_("línea"), on_delete=models.PROTECT, related_name="por_mirar"
    )

    class Meta:
        verbose_name = _("línea por mirar")
        verbose_name_plural = _("líneas por mirar")

    def __str__(self) -> str:
        return str(self.linea_id)
