"""OpenAPI: what every operation shares, said once.

What a schema says here the server does, and the other way round: ``tests/api/test_contrato.py``
sends requests made from the document and holds both to it.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from alpespartner.comun.api.ficheros import VistaDeDocumento
from alpespartner.comun.api.nombres import PorNombre
from alpespartner.comun.api.problemas import TIPO
from alpespartner.comun.api.version import ConVersion

PROBLEMA = {
    "type": "object",
    "required": ["type", "title", "status", "codigo", "detail"],
    "properties": {
        "type": {
            "type": "string",
            "description": "The page of its `codigo`, on this server.",
        },
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "codigo": {"type": "string"},
        "detail": {"type": "string"},
        "peticion_id": {"type": "string", "description": "What `X-Request-Id` says."},
        "errores": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["campo", "codigo", "mensaje"],
                "properties": {
                    "campo": {"type": "string"},
                    "codigo": {"type": "string"},
                    "mensaje": {"type": "string"},
                },
            },
        },
    },
}
# Something other than blanks, and never NUL.
CON_TEXTO = r"^[^\x00]*[^\s\x00][^\x00]*$"
SIN_NUL = r"^[^\x00]*$"

_SEGUNDOS = {
    "Retry-After": {
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
        "description": "Seconds to wait before trying again.",
    }
}
# Of every answer, and of those to a key.
_DE_TODAS: dict[str, dict[str, Any]] = {
    "X-Request-Id": {
        "required": True,
        "schema": {"type": "string"},
        "description": "The request's own `X-Request-Id`, or the one that it was given.",
    },
}
_DE_VERSION: dict[str, dict[str, Any]] = {
    "ETag": {
        "schema": {"type": "string", "example": '"3"'},
        "description": "The version of the object, for `If-Match`.",
    },
}
_DE_DOCUMENTO: dict[str, dict[str, Any]] = {
    "ETag": {
        "schema": {"type": "string"},
        "description": "Which bytes they are, for `If-None-Match`. JSON has none.",
    },
}
_DE_CUOTA: dict[str, dict[str, Any]] = {
    "RateLimit-Policy": {
        "schema": {"type": "string", "example": '"clave";q=6000;w=60'},
        "description": "Requests of the key (`q`) in so many seconds (`w`).",
    },
    "RateLimit": {
        "schema": {"type": "string", "example": '"clave";r=5990;t=1'},
        "description": "How many are left (`r`), and in how many seconds all are (`t`).",
    },
}
_CABECERAS: dict[str, dict[str, Any]] = {
    "401": {
        "WWW-Authenticate": {"required": True, "schema": {"type": "string", "enum": ["Bearer"]}}
    },
    "429": _SEGUNDOS,
    "503": _SEGUNDOS,
}
_DESCRIPCIONES = {
    "400": "The request is not understood: `errores` names each field or parameter.",
    "401": "No key, or none that is valid.",
    "403": "The key may not do this.",
    "404": "No such object, or not the key's.",
    "406": "It answers with JSON only.",
    "409": "The present state does not allow it.",
    "410": "Some of what was asked for is not kept any more.",
    "411": "A body without `Content-Length`.",
    "412": "It is not as its caller saw it: read it again.",
    "413": "A body larger than 1 MB.",
    "415": "The body is not `application/json`.",
    "422": "It names what does not exist or cannot be used.",
    "428": "It changes only for who says which version they saw (`If-Match`).",
    "429": "The key asks too often, or there were too many wrong keys from this address.",
    "503": "Nothing was done: try again.",
}


class EsquemaAPI(AutoSchema):
    """Adds what no view has to say of itself: problems, their headers and ``Idempotency-Key``."""

    def get_override_parameters(self) -> list[Any]:
        """Header accepted by every POST of a key, and the one that tells a repetition."""
        if self.method == "POST" and self.view.authentication_classes:
            return [
                OpenApiParameter(
                    "Idempotency-Key",
                    {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 255,
                        "pattern": "^[!-~]([ -~]*[!-~])?$",
                    },
                    OpenApiParameter.HEADER,
                    description="Repeating the request with the same key gives the same answer.",
                ),
                OpenApiParameter(
                    "Idempotent-Replayed",
                    {"type": "string", "enum": ["true"]},
                    OpenApiParameter.HEADER,
                    response=[200, 201, 202],
                    description="The answer is the one that was given the first time.",
                ),
            ]
        if isinstance(self.view, ConVersion) and self.method in ("PATCH", "PUT"):
            return [
                OpenApiParameter(
                    "If-Match",
                    str,
                    OpenApiParameter.HEADER,
                    description="The `ETag` that was read, or `*`. A PATCH without it is a 428.",
                )
            ]
        if isinstance(self.view, VistaDeDocumento) and self.method == "GET":
            return [
                OpenApiParameter(
                    "If-None-Match",
                    str,
                    OpenApiParameter.HEADER,
                    description="The `ETag` of the document that its caller has: then it is a 304.",
                )
            ]
        return []

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        """Operation with the errors that its caller must expect."""
        operacion = super().get_operation(*args, **kwargs)
        if operacion:
            for estado in self._problemas():
                operacion["responses"].setdefault(estado, self._problema(estado))
            if isinstance(self.view, VistaDeDocumento) and self.method == "GET":
                operacion["responses"]["304"] = {"description": "Its caller has the document."}
                for estado in ("200", "304"):
                    suyas = operacion["responses"][estado].setdefault("headers", {})
                    suyas.update(_DE_DOCUMENTO)
            for estado, respuesta in operacion["responses"].items():
                if estado.startswith("2") and isinstance(self.view, ConVersion):
                    respuesta.setdefault("headers", {}).update(_DE_VERSION)
                if "$ref" not in respuesta:
                    respuesta["headers"] = {**respuesta.get("headers", {}), **self._comunes()}
        return operacion

    def _comunes(self) -> dict[str, Any]:
        """References to the headers that every answer of this operation has."""
        de_clave = _DE_CUOTA if self.view.authentication_classes else {}
        return {
            nombre: self._compartido(ResolvedComponent.HEADER, nombre, cabecera)
            for nombre, cabecera in {**_DE_TODAS, **de_clave}.items()
        }

    def _problema(self, estado: str) -> Any:
        """Reference to the answer that every operation gives with this status."""
        esquema = self._compartido(ResolvedComponent.SCHEMA, "Problema", PROBLEMA)
        respuesta: dict[str, Any] = {
            "description": f"{_DESCRIPCIONES[estado]} Problem (RFC 9457).",
            "content": {TIPO: {"schema": esquema}},
        }
        respuesta["headers"] = {**_CABECERAS.get(estado, {}), **_DE_TODAS}
        return self._compartido(ResolvedComponent.RESPONSE, f"Problema{estado}", respuesta)

    def _compartido(self, tipo: str, nombre: str, esquema: Any) -> Any:
        componente = ResolvedComponent(name=nombre, type=tipo, schema=esquema, object=nombre)
        self.registry.register_on_missing(componente)
        return componente.ref

    def _problemas(self) -> list[str]:
        """Statuses of the problems of this operation. A method that an address does not have is a
        405 with ``Allow``, which no operation can say of itself."""
        estados = {"400", "503"}
        if self.view.authentication_classes:
            estados |= {"401", "403", "429"}
        if self.method in ("POST", "PUT", "PATCH"):
            estados |= {"404", "409", "411", "413", "415", "422"}
        if isinstance(self.view, ConVersion) and self.method != "GET":
            estados |= {"412", "428"} if self.method == "PATCH" else {"412"}
        if "{" in self.path:
            estados.add("404")
        if isinstance(self.view, PorNombre):
            # Two of one name.
            estados.add("409")
        if not isinstance(self.view, VistaDeDocumento):
            estados.add("406")
        estados |= set(getattr(self.view, "problemas", ()))
        return sorted(estados)

    def _get_filter_parameters(self) -> list[Any]:
        """Texts as the filters read them: not blank, and as long as their column."""
        parametros = super()._get_filter_parameters()
        vista: Any = self.view
        filtros = vista.filterset_class.base_filters if parametros else {}
        for parametro in parametros:
            esquema = parametro["schema"]
            if esquema.get("type") == "string" and not esquema.keys() & {"enum", "format"}:
                esquema["pattern"] = CON_TEXTO
                esquema["maxLength"] = filtros[parametro["name"]].extra["max_length"]
        return list(parametros)

    def _map_serializer_field(
        self, field: Any, direction: Any, bypass_extensions: bool = False
    ) -> Any:
        """Texts that come in have no NUL and, unless they may be empty, something to read; a whole
        number is taken for its digits, which is how many a system keeps its references."""
        esquema = super()._map_serializer_field(field, direction, bypass_extensions)
        if (
            direction == "response"
            or not isinstance(field, serializers.CharField)
            or "pattern" in esquema
        ):
            return esquema
        texto = {**esquema, "pattern": SIN_NUL if field.allow_blank else CON_TEXTO}
        if isinstance(field, serializers.EmailField):
            return texto
        return {"oneOf": [texto, {"type": "integer"}]}


class EsquemaEstricto(OpenApiSerializerExtension):
    """What a strict serializer does not know it refuses."""

    target_class = "alpespartner.comun.api.campos.SerializadorEstricto"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> Any:
        """Its fields, and no others in a request."""
        esquema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**esquema, "additionalProperties": False} if direction == "request" else esquema
