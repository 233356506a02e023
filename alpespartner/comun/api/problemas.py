"""Errors out: RFC 9457 ``application/problem+json`` with a stable ``codigo``."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import OperationalError
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import set_rollback

from alpespartner.comun.acceso.errores import DemasiadosIntentos
from alpespartner.comun.db.escritura import no_escribe
from alpespartner.comun.db.reintento import es_pasajero
from alpespartner.comun.errores import DemasiadasPeticiones, ErrorDominio
from alpespartner.comun.peticion import id_de_peticion

log = logging.getLogger(__name__)
TIPO = "application/problem+json"
# Where each code is explained.
PAGINA = "/docs/errores/"

_TITULOS: dict[int, Any] = {
    400: gettext_lazy("Petición no válida"),
    401: gettext_lazy("Hace falta una clave"),
    403: gettext_lazy("Sin permiso"),
    404: gettext_lazy("No encontrado"),
    405: gettext_lazy("Método no admitido"),
    406: gettext_lazy("Formato no disponible"),
    409: gettext_lazy("Conflicto"),
    410: gettext_lazy("Ya no está"),
    411: gettext_lazy("Falta la longitud"),
    412: gettext_lazy("Ha cambiado"),
    413: gettext_lazy("Petición demasiado grande"),
    415: gettext_lazy("Formato no admitido"),
    422: gettext_lazy("No se puede procesar"),
    428: gettext_lazy("Falta decir qué versión"),
    429: gettext_lazy("Demasiadas peticiones"),
    500: gettext_lazy("Error interno"),
    503: gettext_lazy("No disponible por un momento"),
}
_CODIGOS = {
    exceptions.ParseError: "json_invalido",
    exceptions.NotAuthenticated: "sin_clave",
    exceptions.AuthenticationFailed: "clave_invalida",
    exceptions.PermissionDenied: "sin_permiso",
    exceptions.NotFound: "no_encontrado",
    exceptions.MethodNotAllowed: "metodo_no_admitido",
    exceptions.NotAcceptable: "formato_no_disponible",
    exceptions.UnsupportedMediaType: "formato_no_admitido",
}


def titulo(estado: int | None) -> str:
    """What a status is called."""
    return str(_TITULOS.get(estado or 400, _TITULOS[400]))


def cuerpo_problema(
    estado: int,
    codigo: str,
    detalle: str,
    errores: list[dict[str, Any]] | None = None,
    /,
    **mas: Any,
) -> dict[str, Any]:
    """Problem document. ``errores`` lists ``{"campo", "codigo", "mensaje"}`` per invalid field.

    ``mas`` are members of the problem's own, of any name: ``estado`` is the object's, not ours.
    """
    cuerpo: dict[str, Any] = {
        "type": PAGINA + codigo,
        "title": titulo(estado),
        "status": estado,
        "codigo": codigo,
        "detail": detalle,
    }
    if errores:
        cuerpo["errores"] = errores
    cuerpo.update(mas)
    return cuerpo


def aplanar(detalle: Any, campo: str = "") -> list[dict[str, Any]]:
    """Flatten DRF's nested error detail into a list of fields with dotted paths."""
    if isinstance(detalle, dict):
        filas = []
        for nombre, valor in detalle.items():
            if nombre == "non_field_errors":
                filas += aplanar(valor, campo)
            else:
                filas += aplanar(valor, f"{campo}.{nombre}" if campo else str(nombre))
        return filas
    if isinstance(detalle, list):
        filas = []
        for indice, valor in enumerate(detalle):
            anidado = isinstance(valor, (dict, list))
            filas += aplanar(valor, f"{campo}.{indice}" if anidado and campo else campo)
        return filas
    return [
        {
            "campo": _escribible(campo),
            "codigo": getattr(detalle, "code", None) or "invalido",
            "mensaje": _escribible(str(detalle)),
        }
    ]


def _escribible(texto: str) -> str:
    """A message may quote what came, and half of a surrogate pair has no UTF-8."""
    return texto.encode("utf-8", "replace").decode()


def problema_de(exc: ErrorDominio | exceptions.ValidationError) -> dict[str, Any]:
    """Problem document of a refusal, for an answer or for one item of a batch."""
    if isinstance(exc, ErrorDominio):
        errores = None
        if exc.campo:
            errores = [{"campo": exc.campo, "codigo": exc.codigo, "mensaje": exc.mensaje}]
        return cuerpo_problema(exc.http, exc.codigo, exc.mensaje, errores, **exc.datos)
    errores = aplanar(exc.detail)
    campos = ", ".join(dict.fromkeys(e["campo"] for e in errores if e["campo"]))
    detalle = _("Revisa: %(campos)s.") % {"campos": campos} if campos else errores[0]["mensaje"]
    return cuerpo_problema(exc.status_code, "datos_invalidos", detalle, errores)


def con_peticion(cuerpo: dict[str, Any]) -> dict[str, Any]:
    """A problem document with the id of the request that it answers."""
    return {**cuerpo, "peticion_id": id_de_peticion()}


def responder(cuerpo: dict[str, Any], cabeceras: dict[str, str] | None = None) -> Response:
    """DRF response carrying a problem document."""
    return Response(
        con_peticion(cuerpo), status=cuerpo["status"], headers=cabeceras, content_type=TIPO
    )


def manejar_excepcion(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF exception handler: every error of the API leaves through here, as JSON also where the
    answer would be a page."""
    set_rollback()
    peticion = context.get("request")
    if peticion is not None:
        peticion.accepted_renderer, peticion.accepted_media_type = JSONRenderer(), TIPO
    if isinstance(exc, (DemasiadosIntentos, DemasiadasPeticiones)):
        return responder(problema_de(exc), {"Retry-After": str(exc.segundos)})
    if isinstance(exc, (ErrorDominio, exceptions.ValidationError)):
        return responder(problema_de(exc))
    if isinstance(exc, OperationalError) and es_pasajero(exc):
        log.warning("la base de datos no pudo atender una petición: %s", exc)
        detalle = _("La base de datos está ocupada y no se guardó nada: repite la petición.")
        return responder(
            cuerpo_problema(503, "base_de_datos_ocupada", detalle), {"Retry-After": "1"}
        )
    if no_escribe(exc):
        log.warning("no se puede guardar nada: %s", exc)
        detalle = _("Ahora no se puede guardar nada: inténtalo más tarde.")
        return responder(cuerpo_problema(503, "sin_escritura", detalle), {"Retry-After": "30"})
    if isinstance(exc, RequestDataTooBig):
        return responder(
            cuerpo_problema(413, "peticion_demasiado_grande", _("El cuerpo admite hasta 1 MB."))
        )
    if isinstance(exc, Http404):
        exc = exceptions.NotFound()
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    if isinstance(exc, exceptions.APIException):
        cabeceras = {}
        if isinstance(exc, (exceptions.NotAuthenticated, exceptions.AuthenticationFailed)):
            cabeceras["WWW-Authenticate"] = "Bearer"
        codigo = _CODIGOS.get(type(exc), str(exc.default_code))
        return responder(cuerpo_problema(exc.status_code, codigo, str(exc.detail)), cabeceras)
    return None
