"""All writes of a commission after its calculation: review, hold, release, return, void."""

from __future__ import annotations

import logging

from django.db import transaction
from django.db.models import QuerySet

from alpespartner.comun import dinero
from alpespartner.comun.acceso import presencia
from alpespartner.comun.actores import Actor
from alpespartner.comun.medidas import medido
from alpespartner.comun.rondas import Ronda
from alpespartner.comun.textos import exigir_motivo
from comisiones import eventos
from comisiones.comision.cierre import cerrar
from comisiones.comision.estados import DEVOLUCION, EN_PAGO, EstadoComision, MotivoRetencion
from comisiones.comision.models import Comision
from comisiones.libro.models import Cuenta, TipoAsiento
from comisiones.libro.services import Linea, asentar_veces
from comisiones.presupuesto.services import apartar, por_soltar, soltar
from comisiones.revision.errores import Cambio, EnUnPago, PresupuestoAgotado
from comisiones.revision.limites import exigir_limite
from comisiones.revision.pasos import (
    aprobar,
    cambiar,
    exigir_aprobable,
    exigir_importe,
    rechazar,
    retener,
)
from conversiones.ventas.motivos import en_palabras, razon
from outbox.publicacion import publicar

log = logging.getLogger(__name__)

_VACIAS = Ronda()


def _bloquear(comision: Comision) -> Comision:
    return (
        Comision.objects.select_related("afiliado", "conversion", "campana", "regla")
        .select_for_update(of=("self",))
        .get(pk=comision.pk)
    )


def _exigir_vista(actual: Comision, vista: int | None) -> None:
    """Raises :class:`Cambio` when whoever decides saw another version of a commission."""
    if vista is not None and actual.version != vista:
        raise Cambio()


@medido
def aprobar_comision(
    *, comision: Comision, actor: Actor, motivo: str = "", vista: int | None = None
) -> Comision:
    """Approve: the amount is owed to the affiliate from now on (Dr expense, Cr payable).

    ``vista`` is the version that whoever decides looked at, if they looked at one. Raises Cambio
    when it is another now, YaAprobada, TransicionInvalida, CuatroOjos for whoever is tied to it
    (see ``comisiones.separacion``), LimiteDeClave for a key, AfiliadoNoActivo, and SinRegla and its
    like while it has no amount. One of nothing is closed at once.
    """
    with transaction.atomic():
        actual = _bloquear(comision)
        _exigir_vista(actual, vista)
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


def rechazar_comision(
    *, comision: Comision, actor: Actor, motivo: str = "", motivo_codigo: str = "",
    vista: int | None = None,
) -> Comision:  # fmt: skip
    """Turn down a commission in review. A reason is required, of the list (``motivo_codigo``) or in
    words; raises TransicionInvalida, and Cambio as approving does."""
    motivo, motivo_codigo = razon(motivo, motivo_codigo)
    with transaction.atomic():
        actual = _bloquear(comision)
        _exigir_vista(actual, vista)
        rechazar([actual], actor=actor, motivo=motivo, motivo_codigo=motivo_codigo)
    return actual


def retener_comision(
    *, comision: Comision, actor: Actor, motivo: str = "", motivo_codigo: str = "",
    vista: int | None = None,
) -> Comision:  # fmt: skip
    """Hold a pending commission until a person releases it. A reason is required, as to reject."""
    motivo, motivo_codigo = razon(motivo, motivo_codigo)
    with transaction.atomic():
        actual = _bloquear(comision)
        _exigir_vista(actual, vista)
        retener([actual], actor=actor, motivo=motivo, motivo_codigo=motivo_codigo)
    return actual


def liberar_comision(
    *, comision: Comision, actor: Actor, motivo: str = "", vista: int | None = None
) -> Comision:
    """Send a held commission to review. Raises as approving while it has no amount, and while it
    does not fit in the budget of its campaign."""
    with transaction.atomic():
        actual = _bloquear(comision)
        _exigir_vista(actual, vista)
        exigir_importe(actual)
        _exigir_sitio(actual)
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


def volver_a_retener(*, comision: Comision, por_que: str, actor: Actor) -> None:
    """Hold again, for another reason, a commission that was just released and is still locked."""
    cambiar(
        [comision],
        EstadoComision.RETENIDA,
        accion="retener",
        actor=actor,
        motivo="",
        motivo_retencion=por_que,
        evento=lambda c: eventos.ComisionRetenida(
            comision_id=c.id_publico, motivo_retencion=por_que
        ),
    )


def _exigir_sitio(comision: Comision) -> None:
    """Spend of the budget what one that waited for room comes to; raises PresupuestoAgotado."""
    if comision.motivo_retencion == MotivoRetencion.PRESUPUESTO_AGOTADO:
        comision.motivo_retencion = ""
        if apartar([comision]):
            raise PresupuestoAgotado()


def devolver_comision(
    *, comision: Comision, actor: Actor, motivo: str = "", motivo_codigo: str = "",
    vista: int | None = None,
) -> Comision:  # fmt: skip
    """Undo an approval: the amount is owed no more (a mirror entry), and the commission waits for
    review as if nobody had approved it. A reason is required, as to reject.

    Raises EnUnPago once a payment holds it, also one of a batch that nobody froze yet.
    """
    motivo, motivo_codigo = razon(motivo, motivo_codigo)
    with transaction.atomic():
        actual = _bloquear(comision)
        _exigir_vista(actual, vista)
        if actual.estado in EN_PAGO:
            raise EnUnPago()
        actual.motivo, actual.motivo_codigo = motivo, motivo_codigo
        actual.aprobada_por, actual.aprobada_en = "", None
        DEVOLUCION.transitar(
            actual,
            EstadoComision.PENDIENTE,
            accion="devolver",
            actor=actor,
            motivo=motivo,
            datos={"motivo_codigo": motivo_codigo} if motivo_codigo else None,
            campos=("motivo", "motivo_codigo", "aprobada_por", "aprobada_en"),
        )
        if actual.monto:
            _desasentar(actual, TipoAsiento.DEVOLUCION, TipoAsiento.DEVOLUCION)
        publicar(
            eventos.ComisionDevuelta(
                comision_id=actual.id_publico,
                afiliado_id=actual.afiliado.id_publico,
                monto=dinero.texto(actual.monto, actual.moneda),
                moneda=actual.moneda,
                motivo=en_palabras(motivo, motivo_codigo),
                motivo_codigo=motivo_codigo,
            ),
            version=actual.version,
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
        quitas = por_soltar([actual])
        cambiar(
            [actual],
            EstadoComision.ANULADA,
            accion="anular",
            actor=actor,
            motivo=motivo,
            evento=lambda c: eventos.ComisionAnulada(comision_id=c.id_publico, motivo=motivo),
        )
        if debida and actual.monto:
            _desasentar(actual, TipoAsiento.ANULACION, TipoAsiento.REANULACION)
        soltar(quitas)
    return actual


def _desasentar(comision: Comision, primera: TipoAsiento, otra: TipoAsiento) -> None:
    """The mirror of the entry of an approval, of what is left of its amount."""
    lineas = [
        Linea(Cuenta.POR_PAGAR, comision.monto, comision.moneda, comision.afiliado),
        Linea(Cuenta.GASTO_COMISIONES, -comision.monto, comision.moneda),
    ]
    asentar_veces(primera, otra, {comision.id_publico: lineas}, quizas={comision.id_publico})
