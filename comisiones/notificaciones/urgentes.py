"""Mails that cannot wait for a digest: of money that was sent or was not, and of an account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from alpespartner.comun.textos import instante
from comisiones.liquidaciones.models import TipoLiquidacion
from comisiones.notificaciones.estados import ClaseNotificacion
from comisiones.notificaciones.redaccion import dia_y_hora

# Its class, subject and text, in the language that is active.
Urgente = tuple[ClaseNotificacion, str, str]


def _liquidada(datos: dict[str, Any]) -> Urgente:
    datos = {**datos, "id": datos["pago_id"]}
    if datos["tipo"] == TipoLiquidacion.RECTIFICATIVA:
        cuerpo = _(
            "El banco devolvió el pago %(id)s. La rectificativa %(numero)s deja sin efecto su "
            "liquidación; te lo pagaremos de nuevo. Revisa tus datos bancarios."
        )
        return ClaseNotificacion.PAGO_DEVUELTO, _("Pago devuelto"), cuerpo % datos
    cuerpo = _("Te pagamos %(importe)s %(moneda)s (pago %(id)s). Su liquidación es la %(numero)s.")
    return ClaseNotificacion.PAGO, _("Pago enviado"), cuerpo % datos


def _no_pagado(datos: dict[str, Any]) -> Urgente:
    # What the gateway says of it is ours, and may quote an account.
    cuerpo = _(
        "No pudimos hacerte el pago %(pago_id)s. Te lo seguimos debiendo y lo intentaremos de "
        "nuevo. Revisa tus datos bancarios."
    )
    return ClaseNotificacion.PAGO_FALLIDO, _("No pudimos pagarte"), cuerpo % datos


def _activado(datos: dict[str, Any]) -> Urgente:
    # Also who comes back after a while.
    cuerpo = _("Tu cuenta en el programa está activa: cuenta lo que vendas desde ahora.")
    return ClaseNotificacion.ACTIVACION, _("Tu cuenta está activa"), cuerpo


def _parado(datos: dict[str, Any]) -> Urgente:
    # Why is among the staff.
    cuerpo = _(
        "Tu cuenta en el programa está parada: lo que vendas mientras tanto no cuenta. Si crees "
        "que es un error, escríbenos."
    )
    return ClaseNotificacion.ACTIVACION, _("Tu cuenta está parada"), cuerpo


def _cerrado(datos: dict[str, Any]) -> Urgente:
    cuerpo = _(
        "Tu cuenta en el programa está cerrada, y sus claves y cupones ya no sirven. Lo que ya "
        "está aprobado se te paga como siempre."
    )
    return ClaseNotificacion.ACTIVACION, _("Tu cuenta está cerrada"), cuerpo


def _cuenta(datos: dict[str, Any]) -> Urgente:
    cuerpo = _(
        "Tus pagos irán a la cuenta terminada en %(final)s desde el %(desde)s. Si no lo pediste, "
        "escríbenos ya: hasta entonces no sale nada."
    )
    desde = f"{dia_y_hora(instante(datos['utilizable_en']))} ({settings.ZONA})"
    donde = {"final": datos["termina_en"], "desde": desde}
    return ClaseNotificacion.CUENTA, _("Cambió tu cuenta bancaria"), cuerpo % donde


def _correo(datos: dict[str, Any]) -> Urgente:
    cuerpo = _(
        "Cambió la dirección a la que te escribimos; avisamos a la anterior y a la nueva. Durante "
        "unos días no se paga a tu cuenta. Si no lo pediste, escríbenos ya."
    )
    return ClaseNotificacion.CORREO, _("Cambió tu correo"), cuerpo


URGENTES: dict[str, Callable[[dict[str, Any]], Urgente]] = {
    "AfiliadoActivado": _activado,
    "AfiliadoBloqueado": _parado,
    "AfiliadoCerrado": _cerrado,
    "AfiliadoSuspendido": _parado,
    "CorreoCambiado": _correo,
    "CuentaBancariaCambiada": _cuenta,
    "LiquidacionEmitida": _liquidada,
    "PagoFallido": _no_pagado,
}
