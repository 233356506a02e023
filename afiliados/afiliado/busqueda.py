"""By what people find an affiliate."""

from __future__ import annotations

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.busqueda.indice import Buscable, registrar

AFILIADOS = registrar(
    Buscable(
        1, Afiliado, palabras=("nombre",), partes=("email", "referencia_externa"), por_final=True
    )
)
