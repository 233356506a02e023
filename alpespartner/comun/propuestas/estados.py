"""Steps of a proposal, as data."""

from __future__ import annotations

from alpespartner.comun.estados import Maquina
from alpespartner.comun.models import EstadoPropuesta

_P = EstadoPropuesta
PROPUESTA = Maquina(
    entidad="propuesta",
    pasos={_P.POR_CONFIRMAR: frozenset({_P.CONFIRMADA, _P.DESCARTADA, _P.CADUCADA})},
)
