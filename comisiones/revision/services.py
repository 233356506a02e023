"""All writes of a commission after its calculation: review, hold, release, void."""

from __future__ import annotations

import logging

from django.db import transaction
from django.db.models import QuerySet

from alpespartner.comun import dinero
from alpespartner.comun.acceso import presencia
from alpespartner.comun.actores import Actor
from alpespartner.comun.rondas import Ronda
from alpespartner.comun.textos import exigir_motivo
from comisiones import eventos
from comisiones.comision.cierre import cerrar
from comisiones.comision.estados import EstadoComision
from comisiones.comision.models import Comision
from comisiones.libro.models import Cuenta, TipoAsiento
from comisiones.libro.services import Linea, asentar, otra_vez
from comisiones.revision.limites import exigir_limite
from comisiones.revision.pasos import (
    aprobar,
    cambiar,
    exigir_aprobable,
    exigir_importe,
    rechazar,
    retener,
)

log = logging.getLogger(__name__)

_VACIAS = Ronda()


def _bloquear(comision: Comision) -> Comision:
    return (
        Comision.objects.select_related("afiliado", "conversion", "campana", "regla")
        .select_for_update(of=("self",))
        .get(pk=comision.pk)
    )


def aprobar_comision(*, comision: Comision, actor: Actor, motivo: str = "") -> Comision:
    """Approve: the amount is owed to the affiliate from now on (Dr expense, Cr payable).

    Raises YaAprobada, TransicionInvalida, CuatroOjos for whoever is tied to it (see
    ``comisiones.separacion``), LimiteDeClave for a key, AfiliadoNoActivo, and SinRegla and its like
    while it has no amount. One of nothing is closed at once.
    """
    with transaction.atomic():
        actual = _bloquear(comision)
        exigir_aprobable(actual, actor)
        if actor.tipo == "clave":
            exigir_limite(actual, actor)
        presencia.contar_aprobado(actor, actual.moneda, actual.monto)
        aprobar([actual], actor=actor, motivo=motivo.strip())
    return actual


def cerrar_sin_importe(*, actor: Actor, limite: int = 500) -> int:
    """Close approved commissions with nothing to pay; returns how many."""
    vacias = Comision.objects.filter(estado=EstadoComision.APROBADA, monto=0)
    cerradas = 0
    for pk in _VACIAS.siguientes(vacias, limite):
        try:
            cerradas += _cerrar_vacia(vacias, pk, actor)
        except Exception:
            # One that cannot be closed must not stop those behind it.
            log.exception("comisión %s: no se pudo cerrar", pk)
    return cerradas


def _cerrar_vacia(vacias: QuerySet[Comision], pk: int, actor: Actor) -> bool:
    with transaction.atomic():
        fila = vacias.select_related("afiliado").select_for_update(of=("self",))
        comision = fila.filter(pk=pk).first()
        if comision is not None:
            cerrar(comision, actor)
    return comision is not None


def rechazar_comision(*, comision: Comision, actor: Actor, motivo: str) -> Comision:
    """Turn down a commission in review. A reason is required; raises TransicionInvalida."""
    motivo = exigir_motivo(motivo)
    with transaction.atomic():
        actual = _bloquear(comision)
        rechazar([actual], actor=actor, motivo=motivo)
    return actual


def retener_comision(*, comision: Comision, actor: Actor, motivo: str) -> Comision:
    """Hold a pending commission until a person releases it. A reason is required."""
    motivo = exigir_motivo(motivo)
    with transaction.atomic():
        actual = _bloquear(comision)
        retener([actual], actor=actor, motivo=motivo)
    return actual


def liberar_comision(*, comision: Comision, actor: Actor, motivo: str = "") -> Comision:
    """Send a held commission to review. Raises as approving while it has no amount."""
    with transaction.atomic():
        actual = _bloquear(comision)
        exigir_importe(actual)
        cambiar(
            [actual],
            EstadoComision.PENDIENTE,
            accion="liberar",
            actor=actor,
            motivo=motivo.strip(),
            evento=lambda c: eventos.ComisionLiberada(
                comision_id=c.id_publico, monto=dinero.texto(c.monto, c.moneda), moneda=c.moneda
            ),
        )
    return actual


def anular_comision(*, comision: Comision, actor: Actor, motivo: str) -> Comision:
    """Void a commission that lost its cause; what was owed is reversed by a mirror entry.

    Raises TransicionInvalida once it is inside a payment.
    """
    motivo = exigir_motivo(motivo)
    with transaction.atomic():
        actual = _bloquear(comision)
        debida = actual.estado == EstadoComision.APROBADA
        cambiar(
            [actual],
            EstadoComision.ANULADA,
            accion="anular",
            actor=actor,
            motivo=motivo,
            evento=lambda c: eventos.ComisionAnulada(comision_id=c.id_publico, motivo=motivo),
        )
        if debida and actual.monto:
            asentar(
                tipo=otra_vez(actual.id_publico, TipoAsiento.ANULACION, TipoAsiento.REANULACION),
                origen=actual.id_publico,
                lineas=[
                    Linea(Cuenta.POR_PAGAR, actual.monto, actual.moneda, actual.afiliado),
                    Linea(Cuenta.GASTO_COMISIONES, -actual.monto, actual.moneda),
                ],
            )
    return actual
