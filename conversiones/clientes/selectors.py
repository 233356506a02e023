"""Reads of customers."""

from __future__ import annotations

from alpespartner.comun.busqueda.consulta import claves
from alpespartner.comun.identificadores import es_nuestro
from alpespartner.comun.listas.buscar import claves_de
from alpespartner.comun.textos import normalizar
from conversiones.campanas.models import Campana
from conversiones.clientes.busqueda import CLIENTES
from conversiones.clientes.correo import huella_de_correo
from conversiones.clientes.models import Cliente


def clientes_con_correo(campana: Campana, correo: str) -> list[str]:
    """How the shop calls the customers of a campaign with an e-mail: two at most."""
    huella = huella_de_correo(correo)
    if not huella:
        return []
    suyos = Cliente.objects.filter(campana=campana, correo_huella=huella).order_by("pk")
    return list(suyos.values_list("cliente_ref", flat=True)[:2])


def ids_de_clientes(texto: str) -> list[int]:
    """Keys of the customers with this public id, or whose name in the shop has it, that name first.
    Every part is a probe or a range of an index."""
    texto = normalizar(texto)
    if es_nuestro(texto):
        return claves_de(Cliente.objects.filter(id_publico=texto))
    exactas = claves_de(Cliente.objects.filter(cliente_ref=texto))
    return list(dict.fromkeys([*exactas, *claves(CLIENTES, texto)]))
