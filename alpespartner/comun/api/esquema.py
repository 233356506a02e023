"""OpenAPI: what every operation shares."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiParameter

PROBLEMA = {
    "type": "object",
    "required": ["type", "title", "status", "codigo", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "codigo": {"type": "string"},
        "detail": {"type": "string"},
        "errores": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "campo": {"type": "string"},
                    "codigo": {"type": "string"},
                    "mensaje": {"type": "string"},
                },
            },
        },
    },
}
_ERRORES = {
    "GET": ("400", "401", "403", "404", "503"),
    "POST": ("400", "401", "403", "404", "409", "415", "422", "503"),
}


class EsquemaAPI(AutoSchema):
    """Adds the problem+json answers and the Idempotency-Key header to each operation."""

    def get_override_parameters(self) -> list[Any]:
        """Header accepted by every POST of a key."""
        if self.method == "POST" and self.view.authentication_classes:
            return [
                OpenApiParameter(
                    "Idempotency-Key",
                    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
                    OpenApiParameter.HEADER,
                    description="Repeating the request with the same key gives the same answer.",
                )
            ]
        return []

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        """Operation with the errors every caller must expect."""
        operacion = super().get_operation(*args, **kwargs)
        if operacion:
            problema = ResolvedComponent(
                name="Problema", type=ResolvedComponent.SCHEMA, schema=PROBLEMA, object="Problema"
            )
            self.registry.register_on_missing(problema)
            for estado in _ERRORES.get(self.method, ()):
                operacion["responses"].setdefault(
                    estado,
                    {
                        "description": "Problem (RFC 9457)",
                        "content": {"application/problem+json": {"schema": problema.ref}},
                    },
                )
        return operacion
