"""Sending mail.

A mail server has no transactions: a mail whose sending was interrupted is sent again, with the same
``Message-ID``, so an affiliate may get it twice but never misses it.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from datetime import timedelta
from email.utils import parseaddr
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext_noop

from alpespartner.comun import cola
from alpespartner.comun.cifrado import descifrar
from comisiones.liquidaciones import remesa
from comisiones.liquidaciones.documento import nombre_de, partes_de, pdf_de
from comisiones.liquidaciones.models import TipoLiquidacion
from comisiones.notificaciones.baja import direccion_de_baja
from comisiones.notificaciones.errores import SinServidor
from comisiones.notificaciones.estados import EN_ESPERA, ClaseNotificacion, EstadoNotificacion
from comisiones.notificaciones.models import Notificacion
from comisiones.notificaciones.resumen import no_lo_quiere

log = logging.getLogger(__name__)

# From the first try to the last one go by some eight hours.
INTENTOS = 10
# A task sends for this long: a document is drawn in a fraction of a second, and there may be
# thousands of them behind a batch.
SEGUNDOS = 2.0
# One that failed is tried again after this, and then after twice as long each time.
ESPERA = timedelta(minutes=2)
ESPERA_MAXIMA = timedelta(hours=2)
# An interrupted one, after this: longer than any task may take.
INTERRUMPIDO = timedelta(minutes=5)
_NO_LO_QUIERE = gettext_noop("El afiliado pidió no recibir resúmenes.")


def despertar() -> None:
    """Queue the task that sends."""
    # One that waited this long is of no more use than those behind it, or than the clock's.
    cola.encolar("notificaciones.enviar", caduca=60)


def enviar_pendientes(limite: int = 200, segundos: float = SEGUNDOS) -> int:
    """Send what waits, for ``segundos`` at most, and queue the rest; returns how many mails went
    out. While the server does not answer each call tries one mail."""
    hasta = time.monotonic() + segundos
    enviadas = vistas = 0
    conexion = get_connection()
    try:
        for pk, version in _en_turno(limite):
            vistas += 1
            enviadas += _enviar(pk, version, conexion)
            if time.monotonic() > hasta:
                break
    except SinServidor:
        return enviadas
    finally:
        conexion.close()
    if vistas and (vistas == limite or time.monotonic() > hasta):
        despertar()
    return enviadas


def _en_turno(limite: int) -> Iterator[tuple[int, Any]]:
    """Keys of what is due, with when each was: thousands of digests do not go before what cannot
    wait."""
    tocan = Notificacion.objects.filter(estado__in=EN_ESPERA, toca_en__lte=timezone.now())
    resumen = ClaseNotificacion.RESUMEN
    for unas in (tocan.exclude(clase=resumen), tocan.filter(clase=resumen)):
        filas = list(unas.order_by("toca_en", "pk").values_list("pk", "toca_en")[:limite])
        limite -= len(filas)
        yield from filas


def _enviar(pk: int, version: Any, conexion: Any) -> int:
    # Whoever changes the row first sends it.
    mias = Notificacion.objects.filter(pk=pk, toca_en=version, estado__in=EN_ESPERA).update(
        estado=EstadoNotificacion.ENVIANDO, toca_en=timezone.now() + INTERRUMPIDO
    )
    if not mias:
        return 0
    notificacion = Notificacion.objects.select_related(
        "afiliado", "liquidacion__pago", "liquidacion__afiliado"
    ).get(pk=pk)
    if no_lo_quiere(notificacion):
        _anotar(notificacion, EstadoNotificacion.FALLIDA, str(_NO_LO_QUIERE))
        return 0
    try:
        _conectar(conexion)
        _entregar(notificacion, conexion)
    except DatabaseError:
        raise
    except Exception as exc:
        # A mail that cannot go must not stop the others.
        _fallo(notificacion, exc, conexion)
        if isinstance(exc, SinServidor):
            raise
        return 0
    _anotar(notificacion, EstadoNotificacion.ENVIADA, "", enviada_en=timezone.now())
    return 1


def _conectar(conexion: Any) -> None:
    try:
        conexion.open()
    except Exception as exc:
        raise SinServidor(_razon(exc)) from exc


def _entregar(notificacion: Notificacion, conexion: Any) -> None:
    adjuntos = _adjuntos(notificacion)
    # Each on its own: nobody learns the other's address from us.
    for n, destino in enumerate(_destinos(notificacion)):
        correo = EmailMultiAlternatives(
            notificacion.asunto, notificacion.cuerpo, None, [destino],
            headers=_cabeceras(notificacion, n), connection=conexion,
        )  # fmt: skip
        if notificacion.html:
            correo.attach_alternative(notificacion.html, "text/html")
        for adjunto in adjuntos:
            correo.attach(*adjunto)
        correo.send()


def _cabeceras(notificacion: Notificacion, n: int) -> dict[str, str]:
    """The same whenever it is tried, so that who gets it twice has it once. With a digest goes how
    to get no more of them, also for the buttons of mail programs (RFC 8058)."""
    dominio = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    clave = f"{notificacion.evento_id}.{notificacion.vez}.{n}"
    cabeceras = {"Message-ID": f"<{clave}@{dominio}>", "Auto-Submitted": "auto-generated"}
    if notificacion.clase == ClaseNotificacion.RESUMEN:
        cabeceras["List-Unsubscribe"] = f"<{direccion_de_baja(notificacion.afiliado)}>"
        cabeceras["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return cabeceras


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


def _fallo(notificacion: Notificacion, exc: Exception, conexion: Any) -> None:
    """Try it later, or set it aside: what the server refused for good, or after the last try."""
    razon = str(exc) if isinstance(exc, SinServidor) else _razon(exc)
    log.warning("correo %s: %s", notificacion.pk, razon)
    if not isinstance(exc, SinServidor):
        # What it says next may be about this one.
        _cerrar(conexion)
    intentos = min(notificacion.intentos + 1, INTENTOS)
    if intentos == INTENTOS or _es_definitivo(exc):
        estado, espera = EstadoNotificacion.FALLIDA, timedelta()
    else:
        estado = EstadoNotificacion.PENDIENTE
        espera = min(ESPERA * 2 ** (intentos - 1), ESPERA_MAXIMA)
    _anotar(notificacion, estado, razon, intentos=intentos, toca_en=timezone.now() + espera)


def _cerrar(conexion: Any) -> None:
    try:
        conexion.close()
    except Exception as exc:
        log.warning("al cerrar la conexión de correo: %s", type(exc).__name__)


def _anotar(
    notificacion: Notificacion, estado: EstadoNotificacion, detalle: str, **campos: Any
) -> None:
    # Who took it again, because this took too long, says what became of it.
    Notificacion.objects.filter(pk=notificacion.pk, toca_en=notificacion.toca_en).update(
        estado=estado, detalle=detalle, **campos
    )


def _codigos(exc: Exception) -> list[int]:
    """What an SMTP server answered."""
    if isinstance(exc, SMTPRecipientsRefused):
        return [codigo for codigo, _texto in exc.recipients.values()]
    if isinstance(exc, SMTPResponseException):
        return [exc.smtp_code]
    return []


def _es_definitivo(exc: Exception) -> bool:
    codigos = _codigos(exc)
    return bool(codigos) and all(500 <= codigo < 600 for codigo in codigos)


def _razon(exc: Exception) -> str:
    """Only the kind of the error and its code: its text may hold the address."""
    codigos = sorted(set(_codigos(exc)))
    return " ".join([type(exc).__name__, *map(str, codigos)])[:200]
