"""Webhooks and the log of what each was sent. Their holders make them, and have their secrets."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from alpespartner.comun.admin.acciones import Accion, ConAcciones
from alpespartner.comun.admin.base import AdminSoloLectura
from alpespartner.comun.admin.formato import VACIO, dos_lineas, enlace, etiqueta, marca
from outbox.admin.direcciones import ConDireccion, botones
from outbox.models import (
    CausaWebhook,
    ClaseWebhook,
    EntregaWebhook,
    EstadoEntregaWebhook,
    EstadoWebhook,
    OutboxEvent,
    Postback,
    Webhook,
)
from outbox.webhooks.macros import valores_de
from outbox.webhooks.repeticion import PRUEBA, repetir_una

_PERMISO = "outbox.change_webhook"


class FiltroEstado(DropdownFilter):
    """On or off."""

    title = _("estado")
    parameter_name = "estado"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return list(EstadoWebhook.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(estado=self.value()) if self.value() else queryset


@admin.register(Webhook)
class WebhookAdmin(AdminSoloLectura, ConDireccion):
    """Addresses that events are sent to: the server is shown, for the rest may hold a password."""

    si_vacia = _(
        "Direcciones de otros a las que se envían los eventos. Las crea por la API el titular de"
        " una clave."
    )

    acciones = botones(
        _PERMISO,
        al_desactivar=_("Lo que espera se guarda. Lo nuevo no: se repite por fechas al activarlo."),
    )
    list_display = ("col_webhook", "col_de_quien", "col_tipos", "col_estado", "fallando_desde",
                    "creado_en")  # fmt: skip
    exporta = (
        "webhook_id=id_publico", "anfitrion", "titular", "afiliado", "estado", "causa",
        "fallando_desde", "creado_en",
    )  # fmt: skip
    list_filter = (FiltroEstado,)
    search_fields = ("id_publico",)
    search_help_text = _("Identificador exacto")
    ordering = ("-id",)
    fields = (
        ("id_publico", "anfitrion"), ("col_de_quien", "col_tipos"), ("col_estado", "col_causa"),
        ("fallando_desde", "toca_en"), ("anterior_hasta", "creado_en"), "col_entregas",
    )  # fmt: skip
    readonly_fields = (
        "id_publico", "anfitrion", "col_de_quien", "col_tipos", "col_estado", "col_causa",
        "col_entregas",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Postbacks have a page of their own."""
        return super().get_queryset(request).filter(clase=ClaseWebhook.WEBHOOK)

    @display(description=_("Webhook"))
    def col_webhook(self, webhook: Webhook) -> SafeString:
        """Server and id."""
        return dos_lineas(webhook.anfitrion, webhook.id_publico)

    @display(description=_("De quién"))
    def col_de_quien(self, webhook: Webhook) -> str:
        """Affiliate, or holder of the keys of an integration."""
        return webhook.afiliado or webhook.titular

    @display(description=_("Tipos"))
    def col_tipos(self, webhook: Webhook) -> str:
        """What it is sent."""
        return ", ".join(map(str, webhook.tipos))

    @display(description=_("Por qué está desactivado"))
    def col_causa(self, webhook: Webhook) -> str:
        """Empty while it is on."""
        return etiqueta(CausaWebhook, webhook.causa) if webhook.causa else "-"


class FiltroWebhook(DropdownFilter):
    """Of one webhook, which its page leads to; here it can only be taken away."""

    title = _("webhook")
    parameter_name = "webhook"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        elegido = request.GET.get(self.parameter_name, "")
        webhook = None
        if elegido.isascii() and elegido.isdigit() and len(elegido) < 19:
            webhook = Webhook.objects.filter(pk=int(elegido)).first()
        return [(str(webhook.pk), webhook.id_publico)] if webhook is not None else [("0", "-")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        elegido = self.value()
        return queryset.filter(webhook=int(elegido)) if elegido else queryset


@admin.register(EntregaWebhook)
class EntregaWebhookAdmin(AdminSoloLectura, ConAcciones):
    """What was sent, and what its receiver answered; newest first."""

    si_vacia = _("Lo que se envió a cada webhook, y cómo fue.")

    entidad = "webhook"
    # Its own, and those of its webhook, whose history it shows.
    estados = {**dict(EstadoEntregaWebhook.choices), **dict(EstadoWebhook.choices)}
    acciones = (
        Accion(
            nombre="repetir",
            titulo=_("Enviar otra vez"),
            permiso=_PERMISO,
            visible=lambda entrega: (
                entrega.estado != EstadoEntregaWebhook.PENDIENTE
                and entrega.tipo != PRUEBA
                and entrega.webhook.estado == EstadoWebhook.ACTIVO
            ),
            aplicar=lambda entrega, actor, _m: repetir_una(entrega=entrega, actor=actor),
            exito=_("El evento sale otra vez, como una entrega nueva con el mismo identificador."),
            icono="replay",
            tono="principal",
        ),
    )
    list_display = ("col_evento", "col_webhook", "col_estado", "intentos", "col_respuesta",
                    "creada_en")  # fmt: skip
    exporta = (
        "webhook_id=webhook.id_publico", "evento_id", "tipo", "objeto", "vez", "estado",
        "intentos", "codigo_http", "error", "duracion_ms", "creada_en", "intentada_en", "toca_en",
    )  # fmt: skip
    list_select_related = ("webhook",)
    list_filter = (FiltroWebhook,)
    ordering = ("-id",)
    fields = (
        ("col_enlace", "col_webhook"), ("col_estado", "intentos"), ("creada_en", "intentada_en"),
        ("toca_en", "vez"), "huella", ("col_respuesta", "duracion_ms"),
        "respuesta", "col_cabeceras", "col_valores",
    )  # fmt: skip
    readonly_fields = (
        "col_enlace", "col_webhook", "col_estado", "col_respuesta", "col_cabeceras", "col_valores",
    )  # fmt: skip

    def id_historial(self, objeto: Any) -> str:
        return str(objeto.webhook.id_publico)

    @display(description=_("Evento"))
    def col_evento(self, entrega: EntregaWebhook) -> SafeString:
        """Type and object."""
        return dos_lineas(entrega.tipo, entrega.objeto)

    @display(description=_("Evento"))
    def col_enlace(self, entrega: EntregaWebhook) -> SafeString | str:
        """Link to the event; a test is none."""
        evento = OutboxEvent.objects.filter(evento_id=entrega.evento_id).first()
        return entrega.evento_id if evento is None else enlace(evento)

    @display(description=_("Webhook"))
    def col_webhook(self, entrega: EntregaWebhook) -> SafeString | str:
        """Link to its page."""
        suyo = entrega.webhook
        if suyo.clase == ClaseWebhook.POSTBACK:
            return enlace(Postback(pk=suyo.pk), suyo)
        return enlace(suyo)

    @display(description=_("Estado"))
    def col_estado(self, entrega: EntregaWebhook) -> SafeString:
        """How far it is."""
        match entrega.estado:
            case EstadoEntregaWebhook.ENTREGADA:
                return marca("bien", _("Entregada"))
            case EstadoEntregaWebhook.FALLIDA:
                return marca("mal", _("Fallida"))
        if entrega.error:
            return marca("aviso", _("Se reintenta"))
        return marca("espera", _("Espera a otra") if entrega.espera else _("En cola"))

    @display(description=_("Respuesta"))
    def col_respuesta(self, entrega: EntregaWebhook) -> str:
        """Status, or why there was none."""
        return str(entrega.codigo_http or entrega.error or "-")

    @display(description=_("Cabeceras enviadas"))
    def col_cabeceras(self, entrega: EntregaWebhook) -> SafeString:
        """Those of the last try, without its signatures."""
        texto = json.dumps(entrega.cabeceras, ensure_ascii=False, indent=2)
        return format_html('<pre class="ap-json">{}</pre>', texto)

    @display(description=_("Valores de las macros"))
    def col_valores(self, entrega: EntregaWebhook) -> SafeString | str:
        """What a postback was told; its address may hold a password."""
        if entrega.webhook.clase != ClaseWebhook.POSTBACK:
            return VACIO
        texto = json.dumps(valores_de(entrega.cuerpo), ensure_ascii=False, indent=2)
        return format_html('<pre class="ap-json">{}</pre>', texto)
