"""Idempotent requests: the answer is kept in the transaction of its effect."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from alpespartner.comun.api.credencial import credencial
from alpespartner.comun.db.reintento import reintentar
from alpespartner.comun.errores import DatoInvalido
from alpespartner.comun.idempotencia import guardar_respuesta, huella, reservar

CABECERA = "Idempotency-Key"


def idempotente(vista: Callable[..., Response]) -> Callable[..., Response]:
    """Make a POST view repeatable with ``Idempotency-Key``; an error keeps nothing.

    One that loses a deadlock is tried again here, before its caller has to know.
    """

    @wraps(vista)
    def envoltura(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        return reintentar(lambda: atender(self, request, *args, **kwargs))

    def atender(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        clave = request.headers.get(CABECERA)
        if clave is None:
            return vista(self, request, *args, **kwargs)
        if not (1 <= len(clave) <= 255) or not clave.isascii() or not clave.isprintable():
            raise DatoInvalido(
                _("La cabecera Idempotency-Key admite de 1 a 255 caracteres ASCII."),
                campo=CABECERA,
            )
        with transaction.atomic():
            peticion, nueva = reservar(
                # A client that rotates its key between two tries is the same client.
                ambito=f"{credencial(request).cadena} {request.method} {type(self).__name__}",
                clave=clave,
                huella=huella([request.path, request.data]),
            )
            if not nueva:
                return Response(
                    peticion.respuesta,
                    status=peticion.estado_http,
                    headers={"Idempotent-Replayed": "true"},
                )
            respuesta = vista(self, request, *args, **kwargs)
            guardar_respuesta(peticion, respuesta.status_code, respuesta.data)
            return respuesta

    return envoltura
