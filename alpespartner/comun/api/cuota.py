"""How often a key may ask, said in each answer and held.

The headers are those of draft-ietf-httpapi-ratelimit-headers-10.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from alpespartner.comun.api.credencial import credencial
from alpespartner.comun.errores import DemasiadasPeticiones
from alpespartner.comun.frecuencia import VENTANA, Cuenta, contar

POLITICA, QUEDA = "RateLimit-Policy", "RateLimit"
_NOMBRE = '"clave"'
_EN_LA_PETICION = "cuenta_de_cuota"


class DentroDeSuCuota(BasePermission):
    """Lets through a key that asks no more often than it may.

    It stands among the permissions because every view passes through them. One that was rotated
    from another goes on with what that had left.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        """True, or raises DemasiadasPeticiones."""
        tope = settings.API_POR_MINUTO
        if request.auth is None or not tope:
            return True
        cuenta = contar(credencial(request).cadena, tope)
        if cuenta is None:
            return True
        setattr(request._request, _EN_LA_PETICION, cuenta)
        if not cuenta.pasa:
            raise DemasiadasPeticiones(cuenta.espera)
        return True


class CabecerasDeCuota:
    """Middleware: the quota of the key of a request, and what it has left."""

    def __init__(self, siguiente: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._siguiente = siguiente

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, with both when its key was counted."""
        respuesta = self._siguiente(request)
        cuenta: Cuenta | None = getattr(request, _EN_LA_PETICION, None)
        if cuenta is not None:
            respuesta.headers[POLITICA] = f"{_NOMBRE};q={cuenta.tope};w={VENTANA}"
            respuesta.headers[QUEDA] = f"{_NOMBRE};r={cuenta.quedan};t={cuenta.entera_en}"
        return respuesta
