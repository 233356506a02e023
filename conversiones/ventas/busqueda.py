"""By what people find a sale."""

from __future__ import annotations

from alpespartner.comun.busqueda.indice import Buscable, registrar
from conversiones.ventas.models import Conversion

VENTAS = registrar(Buscable(2, Conversion, cabos=("referencia_externa",)))
