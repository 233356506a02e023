"""Commissions for a benchmark: pending ones, and the bulk decision that approves them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from banco.pila import afiliados

POR_PARTE = 500
AFILIADOS = 2_000


def crear_pendientes(cuantas: int, de: int = AFILIADOS) -> None:
    """A sale with its pending commission, ``cuantas`` times, shared among ``de`` affiliates."""
    from alpespartner.operacion.siembra import ACTOR
    from comisiones.calculo.services import calcular_comisiones
    from conversiones.campanas.models import Campana
    from conversiones.ventas.services import NuevaConversion, registrar_conversiones

    campana = Campana.objects.get(predeterminada=True)
    propios = afiliados(min(cuantas, de))
    for inicio in range(0, cuantas, POR_PARTE):
        ventas = registrar_conversiones(
            datos=[
                NuevaConversion(
                    afiliado=propios[n % len(propios)], campana=campana, valor=Decimal("129.90")
                )
                for n in range(inicio, min(inicio + POR_PARTE, cuantas))
            ],
            actor=ACTOR,
        )
        calcular_comisiones(conversiones_ids=[v.id_publico for v in ventas], actor=ACTOR)


def elegir_pendientes() -> tuple[Any, Any]:
    """A bulk decision that would approve all that is pending, and who may confirm it."""
    from django.contrib.auth.models import User

    from alpespartner.comun.actores import persona
    from comisiones.comision.models import Comision
    from comisiones.revision.en_masa import preparar_decision
    from comisiones.revision.estados import AccionEnMasa

    jefa, _nueva = User.objects.get_or_create(
        username="banco", defaults={"is_staff": True, "is_superuser": True}
    )
    decision = preparar_decision(
        accion=AccionEnMasa.APROBAR,
        comisiones=Comision.objects.filter(estado="pendiente"),
        alcance="banco",
        actor=persona(jefa.pk),
    )
    return decision, persona(jefa.pk)


def decidir(decision: Any, actor: Any) -> Any:
    """Confirm a decision and work through it, as the task does, without stopping."""
    from comisiones.revision.avance import avanzar_decision
    from comisiones.revision.en_masa import confirmar_decision

    confirmar_decision(decision=decision, actor=actor)
    avanzar_decision(decision_pk=decision.pk, segundos=3_600)
    decision.refresh_from_db()
    return decision
