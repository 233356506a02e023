"""What naming a commission may refuse."""

from __future__ import annotations

from alpespartner.comun.errores import Conflicto


class ReferenciaAmbigua(Conflicto):
    """Conversions of several campaigns have that reference of the partner."""

    codigo = "referencia_ambigua"
    texto = "Varias campañas tienen esa referencia: usa el identificador conv_… de la conversión."
