"""What calculating may refuse."""

from __future__ import annotations

from django.utils.translation import gettext as _

from alpespartner.comun.errores import Conflicto
from comisiones.comision.models import Comision


class ComisionExistente(Conflicto):
    """The conversion has its commission already; ``comision`` is it."""

    codigo = "comision_existente"

    def __init__(self, comision: Comision) -> None:
        super().__init__(
            _("La conversión ya tiene la comisión %(id)s.") % {"id": comision.id_publico},
            comision_id=comision.id_publico,
        )
        self.comision = comision
