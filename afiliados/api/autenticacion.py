"""``Authorization: Bearer ap_<id>_<secret>``."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.request import Request

from afiliados.afiliado.estados import FUERA
from afiliados.api.uso import exigir_direccion, usada
from afiliados.claves.models import ClaveAPI
from afiliados.claves.services import buscar_clave, id_de_texto
from afiliados.errores import AfiliadoFuera
from alpespartner.comun.acceso.claves import anotar_clave_erronea


@dataclass(frozen=True)
class Integracion:
    """``request.user`` of the API."""

    nombre: str
    is_authenticated: bool = True
    is_active: bool = True


class AutenticacionClave(BaseAuthentication):
    """Finds the key of a request; without a valid one the answer is a 401, and a 403 when its
    affiliate is out of the programme or it may not be used from there."""

    def authenticate(self, request: Request) -> tuple[Integracion, ClaveAPI]:
        """The integration and its key."""
        cabecera = request.headers.get("Authorization", "")
        if not cabecera:
            raise NotAuthenticated(
                _("Envía la cabecera «Authorization: Bearer ap_…» con tu clave de API.")
            )
        esquema, _espacio, texto = cabecera.partition(" ")
        clave = buscar_clave(texto.strip()) if esquema.lower() == "bearer" else None
        if clave is None:
            anotar_clave_erronea(request._request, id_de_texto(texto.strip()))
            raise AuthenticationFailed(
                _("La clave no es válida, expiró o fue revocada: pide una nueva.")
            )
        if clave.direcciones:
            exigir_direccion(request._request, clave)
        if clave.afiliado is not None and clave.afiliado.estado in FUERA:
            raise AfiliadoFuera()
        usada(request._request, clave)
        return Integracion(clave.nombre), clave

    def authenticate_header(self, request: Request) -> str:
        """Scheme of a 401."""
        return "Bearer"


class EsquemaClave(OpenApiAuthenticationExtension):
    """Describes the keys in the OpenAPI document."""

    target_class = "afiliados.api.autenticacion.AutenticacionClave"
    name = "claveAPI"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """HTTP bearer."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "ap_<id>_<secret>"}
