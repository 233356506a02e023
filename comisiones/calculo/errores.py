"""What calculating may refuse."""

from __future__ import annotations

from django.utils.translation import gettext as _

from alpespartner.comun.errores import Conflicto, ReferenciaDesconocida
from comisiones.comision.models import Comision


class ConversionDesconocida(ReferenciaDesconocida):
    """The affiliate has no such conversion, or the caller may not see it."""

    codigo = "conversion_desconocida"
    campo = "conversion_id"


class ConversionNoAdmitida(ReferenciaDesconocida):
    """The conversion is in a state that earns no commission."""

    codigo = "conversion_no_admitida"
    campo = "conversion_id"


class ConversionDistinta(Conflicto):
    """The conversion was registered before, with other data."""

    codigo = "conversion_distinta"
    campo = "conversionId"


class ComisionExistente(Conflicto):
    """The conversion has its commission already; ``comision`` is it."""

    codigo = "comision_existente"

    def __init__(self, comision: Comision) -> None:
        super().__init__(
            _("La conversión ya tiene la comisión %(id)s.") % {"id": comision.id_publico},
            comision_id=comision.id_publico,
        )
        self.comision = comision
