"""By what people find a link and a coupon."""

from __future__ import annotations

from alpespartner.comun.busqueda.indice import Buscable, registrar
from conversiones.rastreo.models import Cupon, Enlace

ENLACES = registrar(Buscable(4, Enlace, partes=("codigo",), por_final=True))
CUPONES = registrar(Buscable(5, Cupon, partes=("codigo",), por_final=True))
