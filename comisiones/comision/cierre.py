"""The end of a commission that was approved and has nothing to pay."""

from __future__ import annotations

from alpespartner.comun.actores import Actor
from comisiones import eventos
from comisiones.comision.estados import COMISION, EstadoComision
from comisiones.comision.models import Comision
from outbox.publicacion import publicar


def cerrar(comision: Comision, actor: Actor, motivo: str = "") -> None:
    """Close an approved commission of nothing, locked by the caller: no payment will hold it."""
    COMISION.transitar(
        comision, EstadoComision.CERRADA, accion="cerrar", actor=actor, motivo=motivo
    )
    publicar(
        eventos.ComisionCerrada(
            comision_id=comision.id_publico, afiliado_id=comision.afiliado.id_publico
        ),
        version=comision.version,
    )
