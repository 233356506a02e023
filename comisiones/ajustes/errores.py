"""What adjustments may refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from alpespartner.comun.errores import DatoInvalido


class SignoInvalido(DatoInvalido):
    """A bonus that takes, or a clawback that gives."""

    codigo = "signo"
    texto = _("Un bono es positivo y una recuperación negativa.")
    campo = "monto"
