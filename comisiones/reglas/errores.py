"""What rules may refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from alpespartner.comun.errores import Conflicto


class SinVersiones(Conflicto):
    """The rule is the system's own: its terms are not published."""

    codigo = "sin_versiones"
    texto = _("Esta regla del sistema no tiene versiones.")


class ReglaTerminada(Conflicto):
    """The rule was ended: it has no more versions."""

    codigo = "regla_terminada"
    texto = _("Esta regla terminó: para pagar otra vez así, duplícala.")
