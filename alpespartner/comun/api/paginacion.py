"""Cursor pagination: constant cost on any page, newest first."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from alpespartner.comun.api.filtros import POR_CAMBIO
from alpespartner.comun.api.parametros import ENTERO_DESDE_1, entero_desde_1
from alpespartner.comun.db.instantanea import instantanea
from alpespartner.comun.errores import ParametroInvalido
from alpespartner.comun.listas.errores import CursorAjeno
from alpespartner.comun.listas.pagina import Pagina, cursor_tras, orden_de, pagina


class PaginacionCursor(CursorPagination):
    """``{"siguiente", "anterior", "resultados"}``; ``?limite=`` up to 200 rows a page, also when it
    asks for more. A list of what changed has ``continuar`` besides, which is there at its end too:
    what changes later comes after it."""

    page_size = 50
    page_size_query_param = "limite"
    max_page_size = 200
    cursor_query_param = "cursor"

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """The rows of the page that a request asks for; raises ParametroInvalido for a cursor that
        we did not make, or that is of another list."""
        self.request = request
        self.se_sigue = orden_de(queryset) == POR_CAMBIO
        try:
            # A row that changes between its key and the rest of it would come now and again later.
            with instantanea() if self.se_sigue else nullcontext():
                self.pagina: Pagina[Any] = pagina(
                    queryset,
                    self.get_page_size(request),
                    cursor=request.query_params.get(self.cursor_query_param),
                )
        except CursorAjeno:
            raise self._cursor_invalido() from None
        self.tras_ella = cursor_tras(queryset, self.pagina) if self.se_sigue else None
        return self.pagina.filas

    def get_next_link(self) -> str | None:
        return self._enlace(self.pagina.siguiente)

    def get_previous_link(self) -> str | None:
        return self._enlace(self.pagina.anterior)

    def _enlace(self, cursor: str | None) -> str | None:
        if cursor is None:
            return None
        aqui = self.request.build_absolute_uri()
        return str(replace_query_param(aqui, self.cursor_query_param, cursor))

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
        if self.se_sigue:
            aqui = self.request.build_absolute_uri()
            respuesta.data["continuar"] = self._enlace(self.tras_ella) or aqui
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
        continuar = {
            "type": "string",
            "format": "uri",
            "description": "With `actualizado_desde`, and always then: what follows, also what "
            "changes later.",
        }
        return {
            "type": "object",
            "required": ["siguiente", "anterior", "resultados"],
            "properties": {
                "siguiente": enlace,
                "anterior": enlace,
                "resultados": schema,
                "continuar": continuar,
            },
        }
