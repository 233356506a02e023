"""Domain errors. Services raise them; the doors turn them into problem+json, messages or exits.

Here are the kinds, and what means the same in every app. Each wing has its own in its
``errores.py``, a class for each ``codigo``, which is part of the API's contract: never rename one.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _


class ErrorDominio(Exception):
    """A business rule said no. ``mensaje`` tells a person what to do next.

    A class sets its ``codigo``; its ``texto`` when it has one sentence only, so that it is raised
    without any; and its ``campo`` when the field at fault is nearly always the same.
    """

    http = 409
    codigo = "conflicto"
    texto: object = ""
    campo: str | None = None

    def __init__(self, mensaje: object = None, *, campo: str | None = None, **datos: Any) -> None:
        self.mensaje = str(self.texto if mensaje is None else mensaje)
        super().__init__(self.mensaje)
        self.campo = self.campo if campo is None else campo
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


class ParametroDesconocido(DatoInvalido):
    """A query parameter that the address does not read."""

    codigo = "parametro_desconocido"
    texto = _("La dirección no admite este parámetro.")


class ParametroInvalido(DatoInvalido):
    """A query parameter that is not understood: empty, repeated or not of its kind."""


class FaltaVersion(ErrorDominio):
    """Who changes an object has to say which version of it they saw (428)."""

    http = 428
    codigo = "falta_if_match"
    texto = _("Lee el objeto y envía su «ETag» en «If-Match», o «*» para cambiarlo como esté.")


class VersionDistinta(ErrorDominio):
    """The object is not as its caller saw it (412)."""

    http = 412
    codigo = "version_distinta"
    texto = _("Ha cambiado desde que lo leíste: léelo otra vez, con su nueva «ETag».")


class DemasiadasPeticiones(ErrorDominio):
    """A key asks more often than it may; ``segundos`` says when to come back (429)."""

    http = 429
    codigo = "demasiadas_peticiones"
    texto = _("La clave pide demasiado deprisa: espera lo que dice «Retry-After» y repítelo.")

    def __init__(self, segundos: int) -> None:
        super().__init__()
        self.segundos = segundos


class ReferenciaAmbigua(Conflicto):
    """Several objects have the partner's reference: our public id says which."""

    codigo = "referencia_ambigua"
    texto = _("Hay varios con esa referencia: usa nuestro identificador.")


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


class CuatroOjos(NoPermitido):
    """Whoever did the first half may not do the second: somebody else does."""

    codigo = "cuatro_ojos"


class ClaveReutilizada(Conflicto):
    """An idempotency key came with another body than the first time."""

    codigo = "clave_reutilizada"


class FaltaMotivo(DatoInvalido):
    """It is not done without a written reason."""

    codigo = "falta_motivo"
    texto = _("Escribe el motivo.")
    campo = "motivo"


class MonedaDesconocida(DatoInvalido):
    """It is not a currency of ISO 4217 that has a minor unit."""

    codigo = "moneda_desconocida"
    campo = "moneda"


class DemasiadoPreciso(DatoInvalido):
    """An amount with more decimals than its currency has."""

    codigo = "demasiado_preciso"


class ReferenciaReservada(DatoInvalido):
    """A reference of the caller's that looks like one of our identifiers."""

    codigo = "referencia_reservada"


class FilaInmutable(TypeError):
    """Somebody tried to change or delete a row that is only ever inserted."""


class UsuarioNoSeBorra(Conflicto):
    """A member of the staff is deactivated: what it did keeps its name."""

    codigo = "usuario_no_se_borra"
    texto = _("El personal no se borra: se desactiva, y lo que hizo conserva su nombre.")
