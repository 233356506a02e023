"""Domain errors. Services raise them; the doors turn them into problem+json, messages or exits.

``codigo`` is part of the API's contract: never rename one.
"""

from __future__ import annotations

from typing import Any


class ErrorDominio(Exception):
    """A business rule said no. ``mensaje`` tells a person what to do next."""

    http = 409
    codigo = "conflicto"

    def __init__(
        self,
        mensaje: object,
        *,
        codigo: str | None = None,
        campo: str | None = None,
        **datos: Any,
    ) -> None:
        super().__init__(str(mensaje))
        self.mensaje = str(mensaje)
        self.codigo = codigo or self.codigo
        self.campo = campo
        self.datos = datos


class Conflicto(ErrorDominio):
    """The request is well formed but the present state does not allow it (409)."""


class TransicionInvalida(Conflicto):
    """The state table has no such step (409)."""

    codigo = "transicion_invalida"


class DatoInvalido(ErrorDominio):
    """A value is malformed or out of range (400)."""

    http = 400
    codigo = "dato_invalido"


class ReferenciaDesconocida(ErrorDominio):
    """A well-formed request names something that does not exist or cannot be used (422)."""

    http = 422
    codigo = "referencia_desconocida"


class NoEncontrado(ErrorDominio):
    """No such object, or not the caller's (404)."""

    http = 404
    codigo = "no_encontrado"


class NoPermitido(ErrorDominio):
    """The caller may not do this (403)."""

    http = 403
    codigo = "no_permitido"
