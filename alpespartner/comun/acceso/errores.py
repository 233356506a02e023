"""Refusals at the doors, before any password or key is looked at."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from alpespartner.comun.errores import ErrorDominio


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
