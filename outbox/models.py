"""Outbox rows, what each subscription still has to receive, and what it received."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.models import SoloInsercion


class OutboxEvent(SoloInsercion):
    """An event, written in the transaction of the change that it tells.

    Columns are the contract with Debezium's event router. ``posicion`` is the insertion order;
    rows are never updated: the router refuses updates, so delivery marks live in other tables.
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
