"""All writes of a commission after its calculation: review, hold, release, void."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from afiliados.afiliado.estados import EstadoAfiliado
from alpespartner.comun import dinero
from alpespartner.comun.acceso import presencia
from alpespartner.comun.actores import Actor
from alpespartner.comun.errores import Conflicto
from alpespartner.comun.rondas import Ronda
from alpespartner.comun.textos import exigir_motivo
from comisiones import eventos
from comisiones.comision.cierre import cerrar
from comisiones.comision.estados import COMISION, YA_APROBADA, EstadoComision, MotivoRetencion
from comisiones.comision.models import Comision
from comisiones.libro.models import Cuenta, TipoAsiento
from comisiones.libro.services import Linea, asentar, otra_vez
from comisiones.revision.errores import (
    AfiliadoNoActivo,
    FueraDeRango,
    LineasEnEscalas,
    LineasSinPrecio,
    SinRegla,
    YaAprobada,
)
from comisiones.revision.limites import exigir_limite
from comisiones.separacion.selectors import exigir_otras_manos
from outbox.publicacion import publicar

log = logging.getLogger(__name__)

# Approved, voided and reinstated: before its fourth step nobody approves a commission again.
_VERSION_REPUESTA = 4
_VACIAS = Ronda()


def _bloquear(comision: Comision) -> Comision:
    return (
        Comision.objects.select_related("afiliado", "conversion", "campana", "regla")
        .select_for_update(of=("self",))
        .get(pk=comision.pk)
    )


def aprobar_comision(*, comision: Comision, actor: Actor, motivo: str = "") -> Comision:
    """Approve: the amount is owed to the affiliate from now on (Dr expense, Cr payable).

    Raises :class:`YaAprobada`, TransicionInvalida, :class:`CuatroOjos` for whoever is tied to it
    (see ``comisiones.separacion``), LimiteDeClave for a key, :class:`AfiliadoNoActivo`, and
    :class:`SinRegla` and its like while it has no amount. One of nothing is closed at once.
    """
    with transaction.atomic():
        actual = _bloquear(comision)
        if actual.estado in YA_APROBADA:
            raise YaAprobada(actual)
        COMISION.exigir(actual, EstadoComision.APROBADA)
        _exigir_aprobable(actual, actor)
        actual.motivo_retencion = ""
        actual.aprobada_por = str(actor)
        actual.aprobada_en = timezone.now()
        COMISION.transitar(
            actual,
            EstadoComision.APROBADA,
            accion="aprobar",
            actor=actor,
            motivo=motivo.strip(),
            campos=("motivo_retencion", "aprobada_por", "aprobada_en"),
        )
        if actual.monto:
            aprobacion = TipoAsiento.APROBACION
            if actual.version > _VERSION_REPUESTA:
                aprobacion = otra_vez(actual.id_publico, aprobacion, TipoAsiento.REAPROBACION)
            asentar(
                tipo=aprobacion,
                origen=actual.id_publico,
                lineas=[
                    Linea(Cuenta.GASTO_COMISIONES, actual.monto, actual.moneda),
                    Linea(Cuenta.POR_PAGAR, -actual.monto, actual.moneda, actual.afiliado),
                ],
            )
        publicar(
            eventos.ComisionAprobada(
                comision_id=actual.id_publico,
                afiliado_id=actual.afiliado.id_publico,
                monto=dinero.texto(actual.monto, actual.moneda),
                moneda=actual.moneda,
                madura_en=actual.madura_en,
            ),
            version=actual.version,
        )
        if not actual.monto:
            cerrar(actual, actor)
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


_SIN_IMPORTE: dict[str, type[Conflicto]] = {
    MotivoRetencion.SIN_REGLA: SinRegla,
    MotivoRetencion.FUERA_DE_RANGO: FueraDeRango,
    MotivoRetencion.LINEAS_SIN_PRECIO: LineasSinPrecio,
    MotivoRetencion.LINEAS_EN_ESCALAS: LineasEnEscalas,
}


def _exigir_importe(comision: Comision) -> None:
    error = _SIN_IMPORTE.get(comision.motivo_retencion)
    if error is not None:
        raise error()


def _exigir_aprobable(comision: Comision, actor: Actor) -> None:
    _exigir_importe(comision)
    if comision.afiliado.estado != EstadoAfiliado.ACTIVO:
        raise AfiliadoNoActivo(
            _("El afiliado está «%(estado)s»: actívalo antes de aprobar.")
            % {"estado": comision.afiliado.estado}
        )
    exigir_otras_manos(comision, actor)
    if actor.tipo == "clave":
        exigir_limite(comision, actor)
    presencia.contar_aprobado(actor, comision.moneda, comision.monto)


def rechazar_comision(*, comision: Comision, actor: Actor, motivo: str) -> Comision:
    """Turn down a commission in review. A reason is required; raises TransicionInvalida."""
    motivo = exigir_motivo(motivo)
    return _cambiar(
        comision,
        EstadoComision.RECHAZADA,
        accion="rechazar",
        actor=actor,
        motivo=motivo,
        evento=eventos.ComisionRechazada(comision_id=comision.id_publico, motivo=motivo),
    )


def retener_comision(*, comision: Comision, actor: Actor, motivo: str) -> Comision:
    """Hold a pending commission until a person releases it. A reason is required."""
    motivo = exigir_motivo(motivo)
    return _cambiar(
        comision,
        EstadoComision.RETENIDA,
        accion="retener",
        actor=actor,
        motivo=motivo,
        motivo_retencion=MotivoRetencion.MANUAL,
        evento=eventos.ComisionRetenida(
            comision_id=comision.id_publico, motivo_retencion=MotivoRetencion.MANUAL
        ),
    )


def liberar_comision(*, comision: Comision, actor: Actor, motivo: str = "") -> Comision:
    """Send a held commission to review. Raises as approving while it has no amount."""
    with transaction.atomic():
        actual = _bloquear(comision)
        _exigir_importe(actual)
        return _cambiar(
            actual,
            EstadoComision.PENDIENTE,
            accion="liberar",
            actor=actor,
            motivo=motivo.strip(),
            evento=eventos.ComisionLiberada(
                comision_id=actual.id_publico,
                monto=dinero.texto(actual.monto, actual.moneda),
                moneda=actual.moneda,
            ),
        )


def anular_comision(*, comision: Comision, actor: Actor, motivo: str) -> Comision:
    """Void a commission that lost its cause; what was owed is reversed by a mirror entry.

    Raises TransicionInvalida once it is inside a payment.
    """
    motivo = exigir_motivo(motivo)
    with transaction.atomic():
        actual = _bloquear(comision)
        debida = actual.estado == EstadoComision.APROBADA
        actual = _cambiar(
            actual,
            EstadoComision.ANULADA,
            accion="anular",
            actor=actor,
            motivo=motivo,
            evento=eventos.ComisionAnulada(comision_id=actual.id_publico, motivo=motivo),
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


def _cambiar(
    comision: Comision,
    destino: str,
    *,
    accion: str,
    actor: Actor,
    motivo: str,
    evento: Any,
    motivo_retencion: str = "",
) -> Comision:
    with transaction.atomic():
        actual = _bloquear(comision)
        actual.motivo = motivo
        actual.motivo_retencion = motivo_retencion
        COMISION.transitar(
            actual,
            destino,
            accion=accion,
            actor=actor,
            motivo=motivo,
            campos=("motivo", "motivo_retencion"),
        )
        publicar(evento, version=actual.version)
    return actual
