"""States of an exported list, as data."""

from __future__ import annotations

from alpespartner.comun.estados import Maquina
from alpespartner.comun.models import EstadoExportacion

_E = EstadoExportacion
EXPORTACION = Maquina(
    entidad="exportacion",
    pasos={
        _E.ENCOLADA: frozenset({_E.EN_CURSO, _E.FALLIDA}),
        _E.EN_CURSO: frozenset({_E.LISTA, _E.FALLIDA}),
        _E.LISTA: frozenset({_E.CADUCADA}),
    },
)
VIVAS = (_E.ENCOLADA, _E.EN_CURSO)
