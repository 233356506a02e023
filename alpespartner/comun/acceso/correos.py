"""Mail to the staff: a row waits until a task has sent it.

A mail server has no transactions: a mail whose sending was interrupted is sent again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.db import DatabaseError
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from alpespartner.comun import cola
from alpespartner.comun.models import CorreoAlPersonal, QueCorreo

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Carta:
    """What a mail says, and its files: the name, the content and the type of each."""

    asunto: str
    cuerpo: str
    adjuntos: Sequence[tuple[str, str, str]] = ()


# What writes a mail of a kind; None when nobody needs it any more.
Redactar = Callable[[CorreoAlPersonal], Carta | None]
_REDACTAN: dict[str, Redactar] = {}
INTENTOS = 5
_ESPERA = timedelta(minutes=2)
_LIMITE = 50


def registrar(que: QueCorreo, redactar: Redactar) -> None:
    """Say who writes the mails of a kind that is not of accounts."""
    _REDACTAN[que] = redactar


def dejar(*, usuario: User | None, que: QueCorreo) -> None:
    """Leave a mail for the task, in the caller's transaction."""
    CorreoAlPersonal.objects.create(usuario=usuario, que=que)
    cola.encolar("acceso.enviar_correo")


def enviar_pendientes() -> int:
    """Send what waits; gives how many mails went out."""
    ahora = timezone.now()
    enviados = 0
    pendientes = CorreoAlPersonal.objects.filter(toca_en__lte=ahora).select_related(
        "usuario", "propuesta"
    )
    for correo in pendientes.order_by("pk")[:_LIMITE]:
        # Another worker may have taken it since.
        es_nuestro = CorreoAlPersonal.objects.filter(pk=correo.pk, toca_en=correo.toca_en).update(
            toca_en=ahora + _ESPERA, intentos=min(correo.intentos + 1, INTENTOS)
        )
        if not es_nuestro:
            continue
        try:
            enviados += _enviar(correo)
        except DatabaseError:
            raise
        except Exception as exc:
            # One that cannot be written must not stop those behind it. What the server says may
            # quote the address.
            log.error("no salió el correo %s (%s)", correo.pk, type(exc).__name__)
            if correo.intentos + 1 < INTENTOS:
                continue
        CorreoAlPersonal.objects.filter(pk=correo.pk).delete()
    return enviados


def _enviar(correo: CorreoAlPersonal) -> int:
    usuario = correo.usuario
    if usuario is None or not usuario.email or not usuario.is_active:
        return 0
    if correo.que in _REDACTAN:
        carta = _REDACTAN[correo.que](correo)
    else:
        carta = _redactar(QueCorreo(correo.que), usuario)
    if carta is None:
        return 0
    mensaje = EmailMessage(carta.asunto, carta.cuerpo, None, [usuario.email])
    for nombre, contenido, tipo in carta.adjuntos:
        mensaje.attach(nombre, contenido, tipo)
    return mensaje.send()


def _redactar(que: QueCorreo, usuario: User) -> Carta:
    datos = {"usuario": usuario.get_username(), "sitio": settings.URL}
    match que:
        case QueCorreo.ENLACE:
            datos["enlace"] = enlace_para(usuario)
            asunto = _("Otra contraseña para AlpesPartner")
            cuerpo = _(
                "Alguien pidió otra contraseña para la cuenta %(usuario)s. Ponla aquí; el enlace "
                "sirve una vez y durante una hora:\n\n%(enlace)s\n\nSi no fuiste tú, no hagas "
                "nada: tu contraseña sigue siendo la misma."
            )
        case QueCorreo.CONTRASENA:
            asunto = _("Tu contraseña de AlpesPartner cambió")
            cuerpo = _(
                "La contraseña de la cuenta %(usuario)s cambió con un enlace que enviamos a este "
                "correo, y sus sesiones terminaron. Si no fuiste tú, avisa ya a quien administra "
                "%(sitio)s."
            )
        case QueCorreo.FACTOR_RESTABLECIDO:
            asunto = _("Tu segundo factor de AlpesPartner se restableció")
            cuerpo = _(
                "Quien administra restableció el segundo factor de la cuenta %(usuario)s y sus "
                "sesiones terminaron: la próxima vez que entres pondrás otro. Si no lo pediste, "
                "avisa ya a quien administra %(sitio)s."
            )
        case _:
            raise ValueError(que)
    return Carta(asunto, cuerpo % datos)


def enlace_para(usuario: User) -> str:
    """Address with which somebody sets another password, once."""
    uid = urlsafe_base64_encode(force_bytes(usuario.pk))
    token = default_token_generator.make_token(usuario)
    return f"{settings.URL.rstrip('/')}{reverse('acceso_otra_contrasena', args=[uid, token])}"
