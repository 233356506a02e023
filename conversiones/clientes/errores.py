"""What customers may refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from alpespartner.comun.errores import DatoInvalido


class ClienteFuturo(DatoInvalido):
    """A customer is said to be of after now, beyond what clocks differ."""

    codigo = "fecha_futura"
    texto = _("No puede ser futura.")
    campo = "ocurrida_en"
