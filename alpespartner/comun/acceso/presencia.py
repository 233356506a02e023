"""Whether the person of a session is still there: asked again before money moves.

A service that moves money calls :func:`exigir`, and one that approves :func:`contar_aprobado`. What
they need to know comes with the actor, so that no page has to remember to ask, and none can be
posted to past it. Keys, tasks and commands have no session and are asked nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from alpespartner.comun.acceso.errores import FaltaPresencia
from alpespartner.comun.actores import Actor, Presencia, persona
from alpespartner.comun.dinero import CERO

CLAVE = "presencia"
_APROBADO = "aprobado"
# A clock that is set back a little makes nobody a stranger.
_RELOJ = timedelta(minutes=1)


def persona_de(request: HttpRequest) -> Actor:
    """The member of the staff who makes a request."""
    sesion = getattr(request, "session", None)
    dicho = sesion.get(CLAVE) if sesion is not None else None
    momentos = dicho if isinstance(dicho, dict) else {}
    presencia = Presencia(
        sesion=(sesion.session_key if sesion is not None else None) or "",
        entro=_momento(momentos.get("entro")),
        confirmo=_momento(momentos.get("confirmo")),
    )
    return persona(request.user.pk or 0, presencia)


def _momento(segundos: Any) -> datetime | None:
    return datetime.fromtimestamp(segundos, UTC) if isinstance(segundos, int) else None


def reciente(momento: datetime | None) -> bool:
    """Whether what was shown then still counts."""
    if momento is None:
        return False
    edad = timezone.now() - momento
    return -_RELOJ <= edad < timedelta(minutes=settings.REAUTENTICACION_MINUTOS)


def exigir(actor: Actor) -> None:
    """Raises :class:`FaltaPresencia` for a person who entered, and confirmed it, too long ago."""
    presencia = actor.presencia
    if presencia is not None and not (reciente(presencia.entro) or reciente(presencia.confirmo)):
        raise FaltaPresencia()


def confirmar(request: HttpRequest) -> None:
    """Note that the person of a session showed that it is them: what it approved counts from 0."""
    request.session[CLAVE] = {
        **request.session.get(CLAVE, {}),
        "confirmo": int(timezone.now().timestamp()),
    }
    with transaction.atomic():
        fila = _bloquear(request.session.session_key or "")
        if fila is not None:
            fila.data = {**fila.data, _APROBADO: {}}
            fila.save(update_fields=["data"])


def contar_aprobado(actor: Actor, moneda: str, importe: Decimal) -> None:
    """Add to what a session approved, in the transaction that approves.

    Raises :class:`FaltaPresencia` when it passes ``APROBACION_SESION`` and the person, besides
    having entered, did not confirm a short time ago that it is them.
    """
    limites = settings.APROBACION_SESION
    presencia = actor.presencia
    if limites is None or presencia is None or importe <= 0:
        return
    # Locked: two approvals of one session at once would each miss the other's.
    fila = _bloquear(presencia.sesion)
    if not reciente(presencia.confirmo):
        _exigir_que_cabe(fila, limites, moneda, importe)
    if fila is not None:
        lleva = {**fila.data.get(_APROBADO, {}), moneda: str(_lleva(fila, moneda) + importe)}
        fila.data = {**fila.data, _APROBADO: lleva}
        fila.save(update_fields=["data"])


def _bloquear(sesion: str) -> UserSession | None:
    return UserSession.objects.select_for_update().filter(session_key=sesion).first()


def _lleva(fila: UserSession, moneda: str) -> Decimal:
    return Decimal(fila.data.get(_APROBADO, {}).get(moneda, "0"))


def _exigir_que_cabe(
    fila: UserSession | None, limites: Mapping[str, Decimal], moneda: str, importe: Decimal
) -> None:
    # A session without its row was ended meanwhile.
    if fila is None or _lleva(fila, moneda) + importe > limites.get(moneda, CERO):
        raise FaltaPresencia()
