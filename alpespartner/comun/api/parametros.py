"""Query parameters: one that nobody reads is refused, or a misspelt filter would show all."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from alpespartner.comun.errores import ParametroDesconocido, ParametroInvalido

_ENTERO = re.compile(r"[1-9][0-9]{0,5}")
# The same for the API's document.
ENTERO_DESDE_1 = {"type": "integer", "minimum": 1, "maximum": 999_999}


class ParametrosConocidos(BasePermission):
    """Lets through a request whose query parameters its view reads, each once and with a value.

    It stands among the permissions because every view passes through them. A list reads its filters
    and its page; another view declares in ``parametros`` what its GET reads. The refusal is a 400
    that names the parameter.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        """True, or raises ParametroDesconocido or ParametroInvalido."""
        if not hasattr(view, str(request.method).lower()):
            # A method that the view does not have is a 405, whatever else is wrong.
            return True
        conocidos = parametros_de(view) if request.method in ("GET", "HEAD") else frozenset()
        for nombre, valores in request.query_params.lists():
            if nombre not in conocidos:
                raise ParametroDesconocido(campo=nombre[:64])
            if len(valores) > 1:
                raise ParametroInvalido(_("Solo puede ir una vez."), campo=nombre)
            if not valores[0].strip():
                raise ParametroInvalido(_("Está vacío: quítalo o dale un valor."), campo=nombre)
        return True


def parametros_de(vista: Any) -> Collection[str]:
    """Names of the query parameters that the GET of a view reads."""
    nombres = set(getattr(vista, "parametros", ()))
    filtros = getattr(vista, "filterset_class", None)
    if filtros is not None:
        paginador = vista.pagination_class
        nombres |= {
            *filtros.base_filters,
            paginador.page_size_query_param,
            paginador.cursor_query_param,
        }
    return frozenset(nombres)


def entero_desde_1(request: Request, nombre: str, *, omision: int) -> int:
    """A count in a query parameter, of up to six ASCII digits; raises ParametroInvalido."""
    texto = request.query_params.get(nombre)
    if texto is None:
        return omision
    if not _ENTERO.fullmatch(texto):
        raise ParametroInvalido(_("Se esperaba un número desde 1."), campo=nombre)
    return int(texto)
