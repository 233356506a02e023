"""From where a key is used: whether it may be, and the middleware that notes it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from afiliados.claves.direcciones import admite
from afiliados.claves.models import ClaveAPI
from afiliados.claves.uso import anotar_uso, toca_anotar
from afiliados.errores import DireccionNoAdmitida
from alpespartner.comun.acceso.direccion import ip_de

log = logging.getLogger(__name__)
_EN_LA_PETICION = "uso_de_clave"


def exigir_direccion(request: HttpRequest, clave: ClaveAPI) -> None:
    """Raises :class:`DireccionNoAdmitida` when a key may not be used from where a request comes."""
    ip = ip_de(request)
    if not admite(clave.direcciones, ip):
        # Its secret is right: somebody else may have it.
        log.warning("la clave %s se usó desde %s, que no admite", clave.id_clave, ip or "-")
        raise DireccionNoAdmitida()


def usada(request: HttpRequest, clave: ClaveAPI) -> None:
    """That a request is of a key."""
    if toca_anotar(clave.id_clave):
        ip = ip_de(request)
        uso = {
            "id_clave": clave.id_clave,
            "desde": "" if ip is None else str(ip),
            "en": timezone.now(),
        }
        setattr(request, _EN_LA_PETICION, uso)


class AnotaUsoDeClaves:
    """Notes it when the answer is closed: by then its caller has it, and no transaction is open."""

    def __init__(self, siguiente: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._siguiente = siguiente

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer."""
        respuesta = self._siguiente(request)
        uso: dict[str, Any] | None = getattr(request, _EN_LA_PETICION, None)
        if uso is not None:
            cerrar = respuesta.close

            def anotar_y_cerrar() -> None:
                anotar_uso(**uso)
                cerrar()

            respuesta.close = anotar_y_cerrar  # type: ignore[method-assign]
        return respuesta
