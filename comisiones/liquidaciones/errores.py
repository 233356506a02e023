"""What documents of payments may refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from alpespartner.comun.errores import Conflicto


class SinRemesa(Conflicto):
    """The payment is not known to be made: there is no advice of it yet."""

    codigo = "sin_remesa"
    texto = _("El pago todavía no consta como hecho.")
