"""Who calls the API, as far as every app needs to know."""

from __future__ import annotations

from typing import Protocol, cast

from rest_framework.request import Request

from alpespartner.comun.actores import Actor, clave


class Credencial(Protocol):
    """A valid API key; with ``afiliado_id`` it sees only that affiliate's objects."""

    @property
    def id_clave(self) -> str: ...

    @property
    def cadena(self) -> str:
        """The key that it was first, before it was rotated."""
        ...

    @property
    def afiliado_id(self) -> int | None: ...

    @property
    def titular_normal(self) -> str:
        """Its holder, as it is compared with others."""
        ...

    @property
    def afiliado_publico(self) -> str:
        """Public id of its affiliate, "" without one."""
        ...

    def permite(self, alcance: str) -> bool:
        """Whether the key holds a scope."""
        ...


def credencial(request: Request) -> Credencial:
    """The key of an authenticated request."""
    return cast(Credencial, request.auth)


def es_del_programa(request: Request) -> bool:
    """Whether a request is of a key of the programme, and not of one affiliate's."""
    return credencial(request).afiliado_id is None


def actor_de_api(request: Request) -> Actor:
    """The key of an authenticated request as the author of a change."""
    return clave(credencial(request).id_clave)
