"""What customers, and what they do, may refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from alpespartner.comun.errores import Conflicto, DatoInvalido


class FechaFutura(DatoInvalido):
    """Something is said to occur after now, beyond what clocks differ."""

    codigo = "fecha_futura"
    texto = _("No puede ser futura.")


class ClienteBorrado(Conflicto):
    """Who the customer was is erased already."""

    codigo = "cliente_borrado"
    texto = _("Los datos de ese cliente ya se borraron.")
