"""Writing and sending mail to affiliates.

A mail server has no transactions: a mail whose sending was interrupted is sent again, so an
affiliate may get it twice but never misses it.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.translation import gettext as _

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.selectors import correos_cambiados
from alpespartner.comun import cola
from alpespartner.comun.cifrado import cifrar, descifrar
from comisiones.liquidaciones import remesa
from comisiones.liquidaciones.documento import nombre_de, partes_de, pdf_de
from comisiones.liquidaciones.models import Liquidacion, TipoLiquidacion
from comisiones.notificaciones.models import EstadoNotificacion, Notificacion
from outbox.consumo import Sobre

log = logging.getLogger(__name__)

INTENTOS = 5
# A task sends for this long: a document is drawn in a fraction of a second, and there may be
# thousands of them behind a batch.
SEGUNDOS = 2.0
# An interrupted or failed sending is tried again after this.
ESPERA = timedelta(minutes=2)
# Who steals an account writes down another address first, and the old one back afterwards.
RECIENTES = timedelta(days=30)


def _aprobada(datos: dict[str, Any]) -> tuple[str, str]:
    return _("Comisión aprobada"), _("Aprobamos tu comisión %(id)s de %(monto)s %(moneda)s.") % {
        "id": datos["comision_id"],
        "monto": datos["monto"],
        "moneda": datos["moneda"],
    }


def _devuelta(datos: dict[str, Any]) -> tuple[str, str]:
    return _("Comisión en revisión otra vez"), _(
        "Tu comisión %(id)s de %(monto)s %(moneda)s ya no está aprobada: la estamos revisando otra "
        "vez y te escribiremos si la aprobamos."
    ) % {"id": datos["comision_id"], "monto": datos["monto"], "moneda": datos["moneda"]}


def _liquidada(datos: dict[str, Any]) -> tuple[str, str]:
    datos = {**datos, "id": datos["pago_id"]}
    if datos["tipo"] == TipoLiquidacion.RECTIFICATIVA:
        return _("Pago devuelto"), _(
            "El banco devolvió el pago %(id)s. La rectificativa %(numero)s deja sin efecto su "
            "liquidación; te lo pagaremos de nuevo. Revisa tus datos bancarios."
        ) % datos
    return _("Pago enviado"), _(
        "Te pagamos %(importe)s %(moneda)s (pago %(id)s). Su liquidación es la %(numero)s."
    ) % datos


def _activado(datos: dict[str, Any]) -> tuple[str, str]:
    return _("Tu cuenta está activa"), _("Ya formas parte del programa: bienvenida o bienvenido.")


def _cuenta(datos: dict[str, Any]) -> tuple[str, str]:
    return _("Cambió tu cuenta bancaria"), _(
        "Tus pagos irán a la cuenta terminada en %(final)s desde el %(desde)s. Si no lo pediste, "
        "escríbenos ya: hasta entonces no sale nada."
    ) % {"final": datos["termina_en"], "desde": datos["utilizable_en"]}


def _correo(datos: dict[str, Any]) -> tuple[str, str]:
    return _("Cambió tu correo"), _(
        "Cambió la dirección a la que te escribimos; avisamos a la anterior y a la nueva. Durante "
        "unos días no se paga a tu cuenta. Si no lo pediste, escríbenos ya."
    )


TEXTOS = {
    "AfiliadoActivado": _activado,
    "ComisionAprobada": _aprobada,
    "ComisionDevuelta": _devuelta,
    "CorreoCambiado": _correo,
    "CuentaBancariaCambiada": _cuenta,
    "LiquidacionEmitida": _liquidada,
}


def _de_nada(sobre: Sobre) -> bool:
    """Whether it tells of an approval of nothing, of which nobody wants a mail."""
    return sobre.tipo == "ComisionAprobada" and not Decimal(sobre.datos["monto"])


def redactar(sobres: Sequence[Sobre]) -> None:
    """Write a mail per event (of TEXTOS) in the caller's transaction; it is queued on commit."""
    sobres = [sobre for sobre in sobres if not _de_nada(sobre)]
    if not sobres:
        return
    datos = {sobre.id: sobre.datos for sobre in sobres}
    afiliados = dict(
        Afiliado.objects.filter(
            id_publico__in={d["afiliado_id"] for d in datos.values()}
        ).values_list("id_publico", "pk")
    )
    liquidaciones = dict(
        Liquidacion.objects.filter(id_publico__in=[s.sujeto for s in sobres]).values_list(
            "id_publico", "pk"
        )
    )
    notificaciones = []
    for sobre in sobres:
        asunto, cuerpo = TEXTOS[sobre.tipo](datos[sobre.id])
        notificaciones.append(
            Notificacion(
                evento_id=sobre.id,
                afiliado_id=afiliados[datos[sobre.id]["afiliado_id"]],
                asunto=asunto,
                cuerpo=cuerpo,
                liquidacion_id=liquidaciones.get(sobre.sujeto),
                tambien_a=_cifrados(_correos_cambiados(sobre)),
            )
        )
    Notificacion.objects.bulk_create(notificaciones)
    _despertar()


def _correos_cambiados(sobre: Sobre) -> list[str]:
    """Addresses to tell besides the present one: those of the change that a mail is about or, when
    it is about an account, those that changed a short time before."""
    datos = sobre.datos
    if sobre.tipo == "CorreoCambiado":
        return correos_cambiados(datos["afiliado_id"], paso=datos["paso"])
    if sobre.tipo == "CuentaBancariaCambiada":
        return correos_cambiados(datos["afiliado_id"], desde=timezone.now() - RECIENTES)
    return []


def _cifrados(correos: list[str]) -> str:
    return cifrar(json.dumps(correos)) if correos else ""


def _despertar() -> None:
    # One that waited this long is of no more use than those behind it, or than the clock's.
    cola.encolar("notificaciones.enviar", caduca=60)


def enviar_pendientes(limite: int = 200, segundos: float = SEGUNDOS) -> int:
    """Send what waits, for ``segundos`` at most, and queue the rest; returns how many mails went
    out."""
    ahora = timezone.now()
    hasta = time.monotonic() + segundos
    elegibles = Notificacion.objects.filter(estado=EstadoNotificacion.PENDIENTE) | (
        Notificacion.objects.filter(
            estado__in=(EstadoNotificacion.ENVIANDO, EstadoNotificacion.FALLIDA),
            actualizada_en__lt=ahora - ESPERA,
            intentos__lt=INTENTOS,
        )
    )
    enviadas = 0
    for pk, version in elegibles.order_by("id").values_list("pk", "actualizada_en")[:limite]:
        enviadas += _enviar(pk, version)
        if time.monotonic() > hasta:
            _despertar()
            break
    return enviadas


def _adjuntos(notificacion: Notificacion) -> list[tuple[str, bytes, str]]:
    """The documents that a mail tells of, unless they are too long for a mail.

    A payment made goes with its remittance advice, too; one that came back advises of nothing.
    """
    liquidacion = notificacion.liquidacion
    if liquidacion is None or partes_de(liquidacion) > 1:
        return []
    adjuntos = [(nombre_de(liquidacion), pdf_de(liquidacion), "application/pdf")]
    if liquidacion.tipo == TipoLiquidacion.LIQUIDACION:
        pago = liquidacion.pago
        adjuntos.append((remesa.nombre_de(pago), remesa.pdf_de(pago), "application/pdf"))
    return adjuntos


def _destinos(notificacion: Notificacion) -> list[str]:
    otros = json.loads(descifrar(notificacion.tambien_a)) if notificacion.tambien_a else []
    return list(dict.fromkeys([notificacion.afiliado.email, *otros]))


def _enviar(pk: int, version: Any) -> int:
    # Whoever changes the row first sends it.
    mias = Notificacion.objects.filter(pk=pk, actualizada_en=version).update(
        estado=EstadoNotificacion.ENVIANDO, actualizada_en=timezone.now()
    )
    if not mias:
        return 0
    notificacion = Notificacion.objects.select_related(
        "afiliado", "liquidacion__pago", "liquidacion__afiliado"
    ).get(pk=pk)
    try:
        adjuntos = _adjuntos(notificacion)
        # Each on its own: nobody learns the other's address from us.
        for destino in _destinos(notificacion):
            correo = EmailMessage(notificacion.asunto, notificacion.cuerpo, None, [destino])
            for adjunto in adjuntos:
                correo.attach(*adjunto)
            correo.send()
        estado, detalle = EstadoNotificacion.ENVIADA, ""
    except Exception as exc:
        # A mail that cannot go must not stop the others. Only the kind of the error: its text may
        # hold the address.
        log.warning("notificación %s: %s", pk, type(exc).__name__)
        estado, detalle = EstadoNotificacion.FALLIDA, type(exc).__name__
    Notificacion.objects.filter(pk=pk).update(
        estado=estado,
        detalle=detalle,
        intentos=min(notificacion.intentos + 1, INTENTOS),
        actualizada_en=timezone.now(),
    )
    return int(estado == EstadoNotificacion.ENVIADA)
