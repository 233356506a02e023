"""``ETag`` and ``If-Match``: who changes an object says which of its versions they saw."""

from __future__ import annotations

import re
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from alpespartner.comun.api.campos import escrito
from alpespartner.comun.errores import FaltaVersion, VersionDistinta

# Compressing an answer makes its label a weak one (``W/``), and the version is the same.
_ETIQUETA = re.compile(r'(?:W/)?"([0-9]{1,18})"')


def con_etiqueta(respuesta: Response, objeto: Any) -> Response:
    """An answer with the version of the object that it shows."""
    respuesta["ETag"] = f'"{objeto.version}"'
    return respuesta


def versiones_vistas(request: Request, *, exigir: bool) -> frozenset[int] | None:
    """Versions of which a request says that it saw one; None when it says that any will do, or
    says nothing and need not (``exigir``).

    Raises :class:`FaltaVersion`; a label that is none of ours is of no version.
    """
    dicho = request.headers.get("If-Match")
    if dicho is None:
        if exigir:
            raise FaltaVersion()
        return None
    if dicho.strip() == "*":
        return None
    leidas = [_ETIQUETA.fullmatch(una.strip()) for una in dicho.split(",")]
    return frozenset(int(una[1]) for una in leidas if una is not None)


def exigir_vista(objeto: Any, vistas: frozenset[int] | None) -> None:
    """Whether a locked object is one of the versions that were seen; raises
    :class:`VersionDistinta`."""
    if vistas is not None and objeto.version not in vistas:
        raise VersionDistinta()


class ConVersion:
    """View of one object whose GET says its version. Its serializer knows nothing of the request:
    all threads share it."""

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The object, and its version."""
        vista: Any = self
        objeto = vista.get_object()
        return con_etiqueta(Response(escrito(vista.serializer_class, objeto)), objeto)
