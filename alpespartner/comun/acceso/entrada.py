"""Between the password and the session: who gave the one waits here to give the second factor.

Nobody is signed in meanwhile: the browser's session only says whose password was right, and for a
few minutes.
"""

from __future__ import annotations

from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from alpespartner.comun.acceso.factor import factor_de
from alpespartner.comun.acceso.presencia import CLAVE as PRESENCIA
from alpespartner.comun.acceso.sesiones import FACTOR

_CLAVE = "entrada"
_ESPERA = timedelta(minutes=10)


def empezar(request: HttpRequest, usuario: User, destino: str) -> HttpResponse:
    """After a right password: in, or to the page that asks for the second factor."""
    factor = factor_de(usuario)
    if factor is None and not settings.SEGUNDO_FACTOR:
        login(request, usuario)
        return redirect(destino)
    if request.user.is_authenticated:
        logout(request)
    # Whoever planted the key of this session does not share what follows.
    request.session.cycle_key()
    request.session[_CLAVE] = {
        "usuario": usuario.pk,
        "huella": usuario.get_session_auth_hash(),
        "desde": int(timezone.now().timestamp()),
        "destino": destino,
    }
    return redirect("acceso_codigo" if factor else "acceso_inscribir")


def quien_espera(request: HttpRequest) -> tuple[User, str] | None:
    """Who gave the password in this browser a short time ago, and where they were going."""
    dicho = request.session.get(_CLAVE)
    if not isinstance(dicho, dict):
        return None
    edad = timezone.now().timestamp() - dicho["desde"]
    usuario = User.objects.filter(pk=dicho["usuario"], is_active=True, is_staff=True).first()
    if usuario is None or edad > _ESPERA.total_seconds():
        return None
    # Another password since.
    if not constant_time_compare(dicho["huella"], usuario.get_session_auth_hash()):
        return None
    return usuario, str(dicho["destino"])


def terminar(request: HttpRequest, usuario: User, factor: Authenticator) -> None:
    """Both were given: the session begins, under a new key."""
    request.session.pop(_CLAVE, None)
    login(request, usuario, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session[FACTOR] = factor.pk


def es_valida(request: HttpRequest) -> bool:
    """Whether a session was opened as this installation asks for now."""
    if PRESENCIA not in request.session:
        return False
    return FACTOR in request.session or not settings.SEGUNDO_FACTOR
