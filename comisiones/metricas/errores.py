"""What a report may refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from alpespartner.comun.errores import Conflicto, DatoInvalido


class FechasAlReves(DatoInvalido):
    """The last day is before the first."""

    codigo = "fechas_al_reves"
    texto = _("Debe ser igual o posterior a «desde».")
    campo = "hasta"


class DemasiadosDias(DatoInvalido):
    """More days than a report has."""

    codigo = "demasiados_dias"
    campo = "hasta"


class DemasiadosGrupos(DatoInvalido):
    """More groups than a report has."""

    codigo = "demasiados_grupos"
    campo = "agrupar"


class Remidiendo(Conflicto):
    """The figures are being made anew."""

    codigo = "remidiendo"
    texto = _("Las cifras se están contando de nuevo: vuelve a pedirlas dentro de un rato.")
