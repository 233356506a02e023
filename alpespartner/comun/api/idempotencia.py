"""Idempotent requests: the answer is kept in the transaction of its effect."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from alpespartner.comun.api.credencial import credencial
from alpespartner.comun.errores import Conflicto, DatoInvalido
from alpespartner.comun.insercion import insertar_si_cabe
from alpespartner.comun.models import PeticionIdempotente
from alpespartner.comun.reintento import reintentar

CABECERA = "Idempotency-Key"


def huella(datos: Any) -> str:
    """SHA-256 of a JSON-able value, whatever the order of its keys."""
    texto = json.dumps(datos, sort_keys=True, cls=DjangoJSONEncoder, ensure_ascii=True)
    return hashlib.sha256(texto.encode()).hexdigest()


def reservar(*, ambito: str, clave: str, huella: str) -> tuple[PeticionIdempotente, bool]:
    """Reserve ``clave`` inside the caller's transaction; ``True`` when it was free.

    A concurrent twin waits here for the first one's commit. Raises :class:`Conflicto` with
    ``clave_reutilizada`` when the same key came with another body.
    """
    peticion = PeticionIdempotente(ambito=ambito, clave=clave, huella=huella)
    if insertar_si_cabe(peticion):
        return peticion, True
    peticion = PeticionIdempotente.objects.get(ambito=ambito, clave=clave)
    if peticion.huella != huella:
        raise Conflicto(
            _("«%(clave)s» ya se usó con otro contenido: usa otra clave o repite el mismo cuerpo.")
            % {"clave": clave[:64]},
            codigo="clave_reutilizada",
        )
    return peticion, False


def guardar_respuesta(peticion: PeticionIdempotente, estado_http: int, respuesta: Any) -> None:
    """Keep the answer that a repeated request will get."""
    peticion.estado_http = estado_http
    peticion.respuesta = respuesta
    peticion.save(update_fields=["estado_http", "respuesta"])


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
                ambito=f"{credencial(request).id_clave} {request.method} {type(self).__name__}",
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
