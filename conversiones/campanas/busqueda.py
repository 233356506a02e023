"""By what people find a campaign."""

from __future__ import annotations

from alpespartner.comun.busqueda.indice import Buscable, registrar
from conversiones.campanas.models import Campana

CAMPANAS = registrar(
    Buscable(3, Campana, palabras=("nombre",), partes=("referencia_externa",), por_final=True)
)
