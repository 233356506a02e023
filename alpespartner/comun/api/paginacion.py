"""Cursor pagination: constant cost on any page, newest first."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

from alpespartner.comun.api.parametros import ENTERO_DESDE_1, entero_desde_1
from alpespartner.comun.errores import ParametroInvalido


class PaginacionCursor(CursorPagination):
    """``{"siguiente", "anterior", "resultados"}``; ``?limite=`` up to 200 rows a page, also when it
    asks for more."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "limite"
    max_page_size = 200
    cursor_query_param = "cursor"

    def decode_cursor(self, request: Request) -> Cursor | None:
        """The cursor of a request; raises ParametroInvalido for one that we did not make."""
        try:
            cursor: Cursor | None = super().decode_cursor(request)
        except NotFound:
            raise self._cursor_invalido() from None
        # A primary key: up to 19 digits. None before the first page.
        posicion = cursor.position if cursor else None
        if posicion is not None and not re.fullmatch(r"[0-9]{1,19}", str(posicion)):
            raise self._cursor_invalido()
        return cursor

    def _cursor_invalido(self) -> ParametroInvalido:
        return ParametroInvalido(
            _("No es un enlace nuestro: sigue «siguiente» o «anterior»."),
            campo=self.cursor_query_param,
        )

    def get_page_size(self, request: Request) -> int:
        """Rows of a page; raises ParametroInvalido for anything but a count."""
        pedido = entero_desde_1(request, self.page_size_query_param, omision=self.page_size)
        return min(pedido, self.max_page_size)

    def get_paginated_response(self, data: Any) -> Any:
        """Wrap a page in the API's Spanish envelope."""
        respuesta = super().get_paginated_response(data)
        respuesta.data = {
            "siguiente": respuesta.data["next"],
            "anterior": respuesta.data["previous"],
            "resultados": respuesta.data["results"],
        }
        return respuesta

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """OpenAPI parameters of a page."""
        return [
            {
                "name": self.cursor_query_param,
                "in": "query",
                "required": False,
                "description": "Comes in `siguiente` and `anterior`: nobody makes one.",
                "schema": {"type": "string", "format": "cursor"},
            },
            {
                "name": self.page_size_query_param,
                "in": "query",
                "required": False,
                "description": f"Rows of a page: up to {self.max_page_size}, also when more are "
                "asked for.",
                "schema": {**ENTERO_DESDE_1, "default": self.page_size},
            },
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """OpenAPI schema of the envelope."""
        enlace = {"type": "string", "nullable": True, "format": "uri"}
        return {
            "type": "object",
            "required": ["siguiente", "anterior", "resultados"],
            "properties": {"siguiente": enlace, "anterior": enlace, "resultados": schema},
        }
