"""What the live site has done to the sandbox as a whole."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from alpespartner.comun.actores import Actor
from alpespartner.comun.historial import paso
from alpespartner.pruebas.canal import pedir

# What the history calls it: all that was done to it is of one object.
ENTORNO = ("pruebas", "entorno")


def anotar(*, accion: str, actor: Actor, motivo: str = "", **datos: Any) -> None:
    """Keep in the history, in the caller's transaction, what somebody had done to the sandbox."""
    entidad, entidad_id = ENTORNO
    paso(
        entidad=entidad, entidad_id=entidad_id, accion=accion, actor=actor, motivo=motivo,
        datos=datos,
    ).save()  # fmt: skip


def vaciar_desde_fuera(*, actor: Actor) -> None:
    """Empty the sandbox; raises what one that is away or says no raises."""
    pedir("vaciar", pide=str(actor))
    with transaction.atomic():
        anotar(accion="vaciar", actor=actor)


def estado_de_pruebas() -> dict[str, Any]:
    """Its keys and how much there is in it; raises the same."""
    return pedir("estado")
