"""What the pages of addresses that something is sent to share: a webhook's and a postback's."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from alpespartner.comun.admin.acciones import Accion, ConAcciones
from alpespartner.comun.admin.formato import etiqueta, insignia, marca
from outbox.models import EstadoWebhook, Webhook
from outbox.webhooks.repeticion import probar
from outbox.webhooks.services import activar, desactivar


def botones(permiso: str, *, de_la_prueba: Any = "", al_desactivar: Any) -> tuple[Accion, ...]:
    """Its buttons: a test, off and on, with what is said of them."""
    return (
        Accion(
            nombre="probar",
            titulo=_("Enviar una prueba"),
            permiso=permiso,
            visible=lambda webhook: webhook.estado == EstadoWebhook.ACTIVO,
            aplicar=lambda webhook, actor, _m: probar(webhook=webhook, actor=actor),
            exito=_("La prueba sale ahora: su respuesta estará en las entregas."),
            ayuda=de_la_prueba,
            icono="bolt",
            tono="principal",
        ),
        Accion(
            nombre="desactivar",
            titulo=_("Desactivar"),
            permiso=permiso,
            visible=lambda webhook: webhook.estado == EstadoWebhook.ACTIVO,
            aplicar=lambda webhook, actor, motivo: desactivar(
                webhook=webhook, actor=actor, motivo=motivo
            ),
            exito=_("A %(objeto)s no se le envía nada más."),
            motivo="opcional",
            ayuda=al_desactivar,
            icono="pause_circle",
            tono="peligro",
        ),
        Accion(
            nombre="activar",
            titulo=_("Activar"),
            permiso=permiso,
            visible=lambda webhook: webhook.estado == EstadoWebhook.DESACTIVADO,
            aplicar=lambda webhook, actor, _m: activar(webhook=webhook, actor=actor),
            exito=_("A %(objeto)s se le envía otra vez, y antes lo que esperaba."),
            icono="play_circle",
            tono="principal",
        ),
    )


class ConDireccion(ConAcciones):
    """How it goes, and what it was sent."""

    entidad = "webhook"
    estados = dict(EstadoWebhook.choices)

    @display(description=_("Estado"))
    def col_estado(self, webhook: Webhook) -> SafeString:
        """On, failing or off."""
        if webhook.estado == EstadoWebhook.ACTIVO and webhook.fallando_desde is not None:
            return marca("aviso", _("Falla"))
        return insignia(webhook.estado, etiqueta(EstadoWebhook, webhook.estado))

    @display(description=_("Entregas"))
    def col_entregas(self, webhook: Webhook) -> SafeString:
        """Link to its log."""
        lista = reverse("admin:outbox_entregawebhook_changelist")
        return format_html(
            '<a class="ap-enlace" href="{}?webhook={}">{}</a>',
            lista,
            webhook.pk,
            _("Ver lo que se le envió"),
        )
