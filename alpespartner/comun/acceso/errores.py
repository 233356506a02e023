"""Refusals at the doors, before any password or key is looked at."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from alpespartner.comun.errores import Conflicto, DatoInvalido, ErrorDominio, NoPermitido


class DemasiadosIntentos(ErrorDominio):
    """Too many wrong tries; ``segundos`` says when to come back (429)."""

    http = 429
    codigo = "demasiados_intentos"
    texto = _("Demasiados intentos fallidos: espera unos minutos antes de repetirlo.")

    def __init__(self, segundos: int) -> None:
        super().__init__()
        self.segundos = segundos


class AccesoOcupado(ErrorDominio):
    """As many passwords as the machine bears are being checked already (503)."""

    http = 503
    codigo = "acceso_ocupado"
    texto = _("Hay muchas personas entrando a la vez: inténtalo otra vez en unos segundos.")
    segundos = 2


class FaltaPresencia(Exception):
    """Before this, the person of the session shows again that it is them.

    No door turns it into a message: ``acceso.puerta`` answers it with the page that asks, and what
    was being done goes on from there.
    """


class CodigoErroneo(DatoInvalido):
    """A code of the second factor that is wrong, or was used before."""

    codigo = "codigo_erroneo"
    texto = _("El código no es correcto o ya se usó: espera al siguiente.")
    campo = "codigo"


class FactorInscrito(Conflicto):
    """The account has a second factor already: it is changed by who enters with it."""

    codigo = "factor_inscrito"
    texto = _("Esta cuenta ya tiene su segundo factor: entra con él.")


class FactorObligatorio(NoPermitido):
    """Nobody of this installation goes without a second factor."""

    codigo = "factor_obligatorio"
    texto = _("Aquí el segundo factor es obligatorio: cámbialo en lugar de quitarlo.")


class SinFactor(Conflicto):
    """There is no second factor to do it to."""

    codigo = "sin_factor"
    texto = _("Esta cuenta no tiene segundo factor.")


class EnlaceCaducado(Conflicto):
    """The link of the mail was used, or is too old."""

    codigo = "enlace_caducado"
    texto = _("El enlace ya se usó o caducó: pide otro.")
