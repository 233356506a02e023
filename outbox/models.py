"""Outbox rows, what each subscription still has to receive and what it received; and the addresses
of others that events are sent to."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.db.campos import CampoJSON, campo_id_publico
from alpespartner.comun.identificadores import LARGO_ID
from alpespartner.comun.models import SoloInsercion


class OutboxEvent(SoloInsercion):
    """An event, written in the transaction of the change that it tells.

    Columns are the contract with Debezium's event router. ``posicion`` is the insertion order;
    rows are never updated: the router refuses updates, so delivery marks live in other tables.
    The one exception is who was erased, in what people wrote (``tachado.py``).
    """

    posicion = models.BigAutoField(primary_key=True)
    # The column is `id`; Django reserves the attribute of that name for primary keys.
    evento_id = models.CharField(_("evento"), max_length=36, unique=True, db_column="id")
    aggregatetype = models.CharField(_("contexto"), max_length=32)
    aggregateid = models.CharField(_("agregado"), max_length=64)
    type = models.CharField(_("tipo"), max_length=64)
    aggregate_version = models.PositiveIntegerField(_("versión"))
    payload = models.TextField(_("contenido"))
    created_at = models.DateTimeField(_("fecha"), default=timezone.now)

    class Meta:
        db_table = "outbox_event"
        verbose_name = _("evento")
        verbose_name_plural = _("eventos")
        indexes = [
            models.Index(fields=["aggregateid", "posicion"], name="outbox_agregado"),
            models.Index(fields=["type", "posicion"], name="outbox_tipo"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.aggregateid}"


class EntregaPendiente(models.Model):
    """An event that a subscription has not handled yet.

    Inserted with the event and deleted with the effect: whatever order transactions commit in, a
    committed event stays here until it is handled, so none can be skipped. Nobody takes it before
    ``no_antes_de``: it failed, or a manual publisher has it in hand.
    """

    suscripcion = models.CharField(_("suscripción"), max_length=40)
    evento = models.ForeignKey(
        OutboxEvent, on_delete=models.PROTECT, related_name="entregas_pendientes"
    )
    intentos = models.PositiveSmallIntegerField(_("intentos"), default=0)
    no_antes_de = models.DateTimeField(_("próximo intento"), null=True, blank=True)
    ultimo_error = models.CharField(_("último error"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("entrega pendiente")
        verbose_name_plural = _("entregas pendientes")
        constraints = [
            models.UniqueConstraint(
                fields=["suscripcion", "evento"], name="entrega_pendiente_unica"
            )
        ]
        indexes = [
            models.Index(fields=["suscripcion", "no_antes_de"], name="entrega_pendiente_reintento"),
        ]

    def __str__(self) -> str:
        return f"{self.suscripcion} ← {self.evento_id}"


class EventoProcesado(SoloInsercion):
    """Inbox: an event whose effect a subscription has applied, in the effect's transaction."""

    suscripcion = models.CharField(_("suscripción"), max_length=40)
    evento_id = models.CharField(_("evento"), max_length=36)
    procesado_en = models.DateTimeField(_("fecha"), default=timezone.now)

    class Meta:
        verbose_name = _("evento procesado")
        verbose_name_plural = _("eventos procesados")
        constraints = [
            models.UniqueConstraint(
                fields=["evento_id", "suscripcion"], name="evento_procesado_unico"
            )
        ]

    def __str__(self) -> str:
        return f"{self.suscripcion} ✓ {self.evento_id}"


class EventoAparcado(models.Model):
    """An event that a subscription could not handle after several tries; staff re-queue it."""

    suscripcion = models.CharField(_("suscripción"), max_length=40)
    # None: a message that is not one of our events, kept in ``contenido`` and never re-queued.
    evento = models.ForeignKey(
        OutboxEvent, on_delete=models.PROTECT, related_name="aparcados", null=True, blank=True
    )
    intentos = models.PositiveSmallIntegerField(_("intentos"))
    error = models.TextField(_("error"))
    contenido = models.TextField(_("contenido"), blank=True)
    aparcado_en = models.DateTimeField(_("aparcado"), default=timezone.now)
    reencolado_en = models.DateTimeField(_("reencolado"), null=True, blank=True)

    class Meta:
        verbose_name = _("evento aparcado")
        verbose_name_plural = _("eventos aparcados")
        indexes = [
            models.Index(fields=["suscripcion", "reencolado_en"], name="aparcado_suscripcion")
        ]

    def __str__(self) -> str:
        return f"{self.suscripcion} ✗ {self.evento_id or self.pk}"


class EntregaConfirmada(SoloInsercion):
    """An event that came back from the stream: the proof that it was delivered, and how late."""

    evento_id = models.CharField(_("evento"), max_length=36, unique=True)
    tipo = models.CharField(_("tipo"), max_length=64)
    recibida_en = models.DateTimeField(_("recibida"), default=timezone.now, db_index=True)
    retraso_ms = models.PositiveIntegerField(_("retraso (ms)"))

    class Meta:
        verbose_name = _("entrega confirmada")
        verbose_name_plural = _("entregas confirmadas")

    def __str__(self) -> str:
        return f"{self.evento_id} {self.retraso_ms} ms"


class EventoPurgado(SoloInsercion):
    """What remains of an event that was purged: that it was told, of whom, and that every
    subscription had it. One that comes again from elsewhere is known by it."""

    evento_id = models.CharField(_("evento"), max_length=36, unique=True)
    aggregateid = models.CharField(_("agregado"), max_length=64)
    type = models.CharField(_("tipo"), max_length=64)
    created_at = models.DateTimeField(_("fecha"))
    purgado_en = models.DateTimeField(_("purgado"), default=timezone.now)

    class Meta:
        verbose_name = _("evento purgado")
        verbose_name_plural = _("eventos purgados")
        indexes = [models.Index(fields=["type", "aggregateid"], name="evento_purgado_hecho")]

    def __str__(self) -> str:
        return f"{self.type} {self.aggregateid}"


class PosicionArchivo(models.Model):
    """Bytes of an append-only file that committed transactions account for."""

    nombre = models.CharField(max_length=80, unique=True)
    bytes = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("posición de archivo")
        verbose_name_plural = _("posiciones de archivo")

    def __str__(self) -> str:
        return f"{self.nombre}: {self.bytes}"


class MarcaDelFlujo(models.Model):
    """How far the feed of events goes: one row.

    Up to ``hasta`` each position is told or will never be. ``vista`` is the highest one that there
    was at ``vista_en``: what is missing below it was taken before. Up to ``purgado`` events are
    gone.
    """

    hasta = models.BigIntegerField(default=0)
    vista = models.BigIntegerField(default=0)
    vista_en = models.DateTimeField(null=True)
    purgado = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("marca del flujo")
        verbose_name_plural = _("marcas del flujo")

    def __str__(self) -> str:
        return str(self.hasta)


class EstadoWebhook(models.TextChoices):
    """Whether events are sent to an address."""

    ACTIVO = "activo", _("Activo")
    DESACTIVADO = "desactivado", _("Desactivado")


class CausaWebhook(models.TextChoices):
    """Why nothing is sent any more."""

    NINGUNA = "", _("Ninguna")
    A_MANO = "a_mano", _("Lo pidió alguien")
    FALLOS = "fallos", _("Falló durante días")
    RETIRADO = "retirado", _("El receptor contestó 410")


class ClaseWebhook(models.TextChoices):
    """What an address is sent: a document by POST, or a GET of its own with its macros filled."""

    WEBHOOK = "webhook", _("Webhook")
    POSTBACK = "postback", _("Postback")


class Webhook(models.Model):
    """Where somebody gets events of some types, or of all that they may see (``*``).

    A postback's ``url`` is a template (``webhooks/macros.py``), its ``tipos`` are states of
    commissions, and it is always an affiliate's.

    It belongs to the holder of an integration's keys (``titular``, as it is compared) or, with
    ``afiliado`` (its public id), to an affiliate, who gets what is of its own objects. Secrets are
    encrypted; while one takes the place of another both sign. ``toca_en`` is when it has something
    to send, None when it has nothing.
    """

    id_publico = campo_id_publico()
    clase = models.CharField(
        _("clase"), max_length=16, choices=ClaseWebhook, default=ClaseWebhook.WEBHOOK,
        editable=False,
    )  # fmt: skip
    url = models.CharField(_("dirección"), max_length=500)
    anfitrion = models.CharField(_("servidor"), max_length=255, editable=False)
    tipos = CampoJSON(_("tipos"), default=list)
    titular = models.CharField(_("titular"), max_length=100, editable=False)
    afiliado = models.CharField(_("afiliado"), max_length=LARGO_ID, blank=True, editable=False)
    secreto = models.TextField(editable=False)
    secreto_anterior = models.TextField(blank=True, editable=False)
    anterior_hasta = models.DateTimeField(_("el secreto anterior firma hasta"), null=True)
    estado = models.CharField(
        _("estado"), max_length=16, choices=EstadoWebhook, default=EstadoWebhook.ACTIVO
    )
    causa = models.CharField(
        _("causa"), max_length=16, choices=CausaWebhook, default=CausaWebhook.NINGUNA, blank=True
    )
    fallando_desde = models.DateTimeField(_("falla desde"), null=True)
    toca_en = models.DateTimeField(_("próximo envío"), null=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    creado_en = models.DateTimeField(_("creado"), default=timezone.now)
    actualizado_en = models.DateTimeField(_("actualizado"), default=timezone.now)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        indexes = [
            models.Index(fields=["estado", "toca_en"], name="webhook_toca"),
            # The lists of each class.
            models.Index(fields=["clase", "estado", "id"], name="webhook_clase_estado"),
            models.Index(fields=["clase", "id"], name="webhook_clase"),
            models.Index(fields=["clase", "afiliado", "id"], name="webhook_clase_afiliado"),
            models.Index(fields=["afiliado", "titular", "id"], name="webhook_de_quien"),
        ]

    def __str__(self) -> str:
        return self.id_publico


class _Postbacks(models.Manager["Postback"]):
    def get_queryset(self) -> models.QuerySet[Postback]:
        """Of its class only."""
        return super().get_queryset().filter(clase=ClaseWebhook.POSTBACK)


class Postback(Webhook):
    """A webhook of the class ``postback``, with a page of its own."""

    objects: ClassVar = _Postbacks()

    class Meta:
        proxy = True
        verbose_name = _("postback")
        verbose_name_plural = _("postbacks")


class PostbackDicho(SoloInsercion):
    """That a postback was told a state of a commission (``objeto``): it is told no other time,
    whatever comes twice, also long after its delivery was forgotten."""

    webhook = models.ForeignKey(
        Webhook, verbose_name=_("postback"), on_delete=models.PROTECT, related_name="dichos",
        db_index=False,
    )  # fmt: skip
    objeto = models.CharField(_("objeto"), max_length=LARGO_ID)
    estado = models.CharField(_("estado"), max_length=16)
    dicho_en = models.DateTimeField(_("fecha"), default=timezone.now)

    class Meta:
        verbose_name = _("estado dicho a un postback")
        verbose_name_plural = _("estados dichos a postbacks")
        constraints = [
            models.UniqueConstraint(
                fields=["webhook", "objeto", "estado"], name="postback_dicho_unico"
            )
        ]

    def __str__(self) -> str:
        return f"{self.objeto} {self.estado}"


class EstadoEntregaWebhook(models.TextChoices):
    """Life of an event on its way to an address."""

    PENDIENTE = "pendiente", _("Por entregar")
    ENTREGADA = "entregada", _("Entregada")
    FALLIDA = "fallida", _("Fallida")


class EntregaWebhook(models.Model):
    """An event for a webhook, and what its last try was answered.

    ``vez`` is 0 for what came with the event, then counts the repetitions that were asked for. A
    test has its own document (``cuerpo``), a postback the values of its macros as they were; of the
    others it is the event's. ``toca_en`` is when it
    is tried or, while somebody tries it, when somebody else may. With ``espera`` it waits for an
    earlier one of its object.
    """

    webhook = models.ForeignKey(
        Webhook, verbose_name=_("webhook"), on_delete=models.PROTECT, related_name="entregas",
        db_index=False,
    )  # fmt: skip
    evento_id = models.CharField(_("evento"), max_length=36)
    tipo = models.CharField(_("tipo"), max_length=64)
    objeto = models.CharField(_("objeto"), max_length=64)
    vez = models.PositiveSmallIntegerField(_("repetición"), default=0)
    cuerpo = models.TextField(blank=True, editable=False)
    estado = models.CharField(
        _("estado"),
        max_length=16,
        choices=EstadoEntregaWebhook,
        default=EstadoEntregaWebhook.PENDIENTE,
    )
    intentos = models.PositiveSmallIntegerField(_("intentos"), default=0)
    toca_en = models.DateTimeField(_("próximo intento"), default=timezone.now)
    espera = models.BooleanField(_("espera a otra"), default=False)
    creada_en = models.DateTimeField(_("creada"), default=timezone.now)
    intentada_en = models.DateTimeField(_("último intento"), null=True)
    cabeceras = CampoJSON(_("cabeceras enviadas"), default=dict)
    huella = models.CharField(_("SHA-256 de lo enviado"), max_length=64, blank=True)
    codigo_http = models.PositiveSmallIntegerField(_("respuesta HTTP"), null=True)
    respuesta = models.CharField(_("comienzo de la respuesta"), max_length=500, blank=True)
    error = models.CharField(_("error"), max_length=40, blank=True)
    duracion_ms = models.PositiveIntegerField(_("duración (ms)"), null=True)

    class Meta:
        verbose_name = _("entrega de webhook")
        verbose_name_plural = _("entregas de webhooks")
        constraints = [
            models.UniqueConstraint(
                fields=["webhook", "evento_id", "vez"], name="entrega_webhook_unica"
            )
        ]
        indexes = [
            # What is due, and the order of what is of one object.
            models.Index(fields=["webhook", "estado", "toca_en"], name="entrega_webhook_toca"),
            models.Index(fields=["webhook", "objeto", "estado"], name="entrega_webhook_objeto"),
            # The log, what waits of an event, and what is old.
            models.Index(fields=["webhook", "id"], name="entrega_webhook_diario"),
            models.Index(fields=["evento_id", "estado"], name="entrega_webhook_evento"),
            models.Index(fields=["creada_en"], name="entrega_webhook_creada"),
        ]

    def __str__(self) -> str:
        return f"{self.tipo} {self.objeto}"
