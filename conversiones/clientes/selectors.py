"""Reads of customers."""

from __future__ import annotations

from alpespartner.comun.busqueda.consulta import claves
from alpespartner.comun.historial import historial_de
from alpespartner.comun.identificadores import es_nuestro
from alpespartner.comun.listas.buscar import claves_de
from alpespartner.comun.textos import normalizar
from conversiones.campanas.models import Campana
from conversiones.clientes.busqueda import CLIENTES
from conversiones.clientes.correo import huella_de_correo
from conversiones.clientes.models import Cliente

# Of the sales that did not follow their customer, its page shows no more than these.
MAX_APARTADAS = 50


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


def apartadas_de(cliente: Cliente) -> list[tuple[str, str]]:
    """Sales that did not follow a customer when it was last reassigned, by their public id, each
    with why; the first ones."""
    pasos = historial_de("cliente", cliente.id_publico)
    ultima = pasos.filter(accion="reasignar").values_list("pk", flat=True).last()
    if ultima is None:
        return []
    filas = pasos.filter(accion="apartar_venta", pk__gt=ultima).values_list("datos", "motivo")
    return [
        (str(datos.get("conversion_id", "")), motivo) for datos, motivo in filas[:MAX_APARTADAS]
    ]
