"""By what people find a customer."""

from __future__ import annotations

from alpespartner.comun.busqueda.indice import Buscable, registrar
from conversiones.clientes.models import Cliente

CLIENTES = registrar(Buscable(9, Cliente, partes=("cliente_ref",)))
