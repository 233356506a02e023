"""What the mail may refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from alpespartner.comun.errores import Conflicto


class SinServidor(Exception):
    """The mail server cannot be reached: whatever is tried next would fail, too."""


class CorreoEnEspera(Conflicto):
    """The mail has not gone out yet and will be tried anyway."""

    codigo = "correo_en_espera"
    texto = _("Todavía no ha salido: se envía solo.")


class ResumenNoQuerido(Conflicto):
    """The affiliate asked for no digests."""

    codigo = "resumen_no_querido"
    texto = _("El afiliado pidió no recibir resúmenes: si lo pide, cámbialo en su página.")
