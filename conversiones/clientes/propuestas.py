"""Erasing a customer takes two persons."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.actores import Actor
from alpespartner.comun.models import Propuesta
from alpespartner.comun.propuestas.services import proponer, quien_la_hizo
from alpespartner.comun.propuestas.tipos import Linea, Tipo, registrar
from conversiones.clientes.borrado import ENTIDAD, borrar_cliente, exigir_sin_borrar
from conversiones.clientes.models import Cliente


def proponer_borrado(*, cliente: Cliente, actor: Actor, motivo: str) -> Propuesta:
    """Ask that a customer be erased. A reason is required. Raises :class:`ClienteBorrado`."""
    exigir_sin_borrar(cliente)
    return proponer(tipo=BORRAR, entidad_id=cliente.id_publico, actor=actor, motivo=motivo)


def lineas_de_borrar(_cliente: Cliente) -> list[Linea]:
    """What goes, and what stays."""
    return [
        (
            _now("Se borran"),
            _now("Cómo lo llama la tienda, la huella de su correo, sus navegadores, y lo que la "
                 "tienda dijo con sus ventas, salvo importes."),
        ),
        (_now("Quedan"), _now("Sus ventas y comisiones, de quien son.")),
    ]  # fmt: skip


def _de(propuesta: Propuesta) -> Cliente:
    return Cliente.objects.get(id_publico=propuesta.entidad_id)


def _foto(propuesta: Propuesta) -> Any:
    cliente = Cliente.objects.select_for_update().get(id_publico=propuesta.entidad_id)
    return {"borrado": cliente.borrado_en is not None}


BORRAR = registrar(
    Tipo(
        nombre="borrar_cliente",
        titulo=_("Borrar sus datos personales"),
        entidad=ENTIDAD,
        foto=_foto,
        aplicar=lambda p, _sabido: borrar_cliente(
            cliente=_de(p), actor=quien_la_hizo(p), motivo=p.motivo, confirmada_por=p.decidida_por
        ),
        lineas=lambda p: lineas_de_borrar(_de(p)),
        modelo=lambda: Cliente,
    )
)
