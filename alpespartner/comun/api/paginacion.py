"""Cursor pagination: constant cost on any page, newest first."""

from __future__ import annotations

from typing import Any

from rest_framework.pagination import CursorPagination


class PaginacionCursor(CursorPagination):
    """``{"siguiente", "anterior", "resultados"}``; ``?limite=`` up to 200 rows a page."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "limite"
    max_page_size = 200
    cursor_query_param = "cursor"

    def get_paginated_response(self, data: Any) -> Any:
        """Wrap a page in the API's Spanish envelope."""
        respuesta = super().get_paginated_response(data)
        respuesta.data = {
            "siguiente": respuesta.data["next"],
            "anterior": respuesta.data["previous"],
            "resultados": respuesta.data["results"],
        }
        return respuesta

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """OpenAPI schema of the envelope."""
        enlace = {"type": "string", "nullable": True, "format": "uri"}
        return {
            "type": "object",
            "required": ["siguiente", "anterior", "resultados"],
            "properties": {"siguiente": enlace, "anterior": enlace, "resultados": schema},
        }
