"""Bulk decisions for tests: somebody of the staff who may, and what became of each commission."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.models import User

from alpespartner.comun.actores import Actor, persona
from comisiones.comision.models import Comision
from comisiones.models import DecisionEnMasa
from comisiones.revision.avance import avanzar_decision
from comisiones.revision.en_masa import confirmar_decision, preparar_decision
from comisiones.revision.estados import AccionEnMasa


def jefa() -> Actor:
    """Somebody who may decide anything."""
    datos = {"is_staff": True, "is_superuser": True}
    return persona(User.objects.get_or_create(username="decide", defaults=datos)[0].pk)


def elegir(
    comisiones: Sequence[Comision], accion: str = "aprobar", actor: Actor | None = None
) -> DecisionEnMasa:
    """A decision that waits for whoever selected it to confirm it."""
    return preparar_decision(
        accion=AccionEnMasa(accion),
        comisiones=Comision.objects.filter(pk__in=[c.pk for c in comisiones]),
        alcance="Elegidas a mano",
        actor=actor or jefa(),
    )


def decidir(decision: DecisionEnMasa, actor: Actor | None = None) -> dict[str, str]:
    """Confirm it and work through it; what became of each, by public id."""
    confirmar_decision(decision=decision, actor=actor or jefa(), motivo="Porque sí")
    avanzar_decision(decision_pk=decision.pk)
    return dicho(decision)


def dicho(decision: DecisionEnMasa) -> dict[str, str]:
    """What became of each commission, by public id; the decision is read again."""
    decision.refresh_from_db()
    lineas = decision.lineas.order_by("comision")
    return dict(lineas.values_list("comision__id_publico", "resultado"))
