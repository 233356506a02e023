"""What deciding asks and writes, of one commission or of many: all of them locked by the caller."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from afiliados.afiliado.estados import EstadoAfiliado
from alpespartner.comun import dinero
from alpespartner.comun.actores import Actor
from alpespartner.comun.errores import Conflicto
from comisiones import eventos
from comisiones.comision.cierre import cerrar
from comisiones.comision.estados import COMISION, YA_APROBADA, EstadoComision, MotivoRetencion
from comisiones.comision.models import Comision
from comisiones.libro.models import Cuenta, TipoAsiento
from comisiones.libro.services import Linea, asentar_todos, otra_vez
from comisiones.revision.errores import (
    AfiliadoNoActivo,
    FueraDeRango,
    LineasEnEscalas,
    LineasSinPrecio,
    SinRegla,
    YaAprobada,
)
from comisiones.separacion.selectors import exigir_otras_manos
from outbox.publicacion import publicar_todos

# What the history of each says besides, by public id.
Datos = Mapping[str, dict[str, Any]]
# Why, of those that have a reason of their own, by public id.
Motivos = Mapping[str, str]

# Approved, voided and reinstated: before its fourth step nobody approves a commission again.
_VERSION_REPUESTA = 4

_SIN_IMPORTE: dict[str, type[Conflicto]] = {
    MotivoRetencion.SIN_REGLA: SinRegla,
    MotivoRetencion.FUERA_DE_RANGO: FueraDeRango,
    MotivoRetencion.LINEAS_SIN_PRECIO: LineasSinPrecio,
    MotivoRetencion.LINEAS_EN_ESCALAS: LineasEnEscalas,
}


def exigir_importe(comision: Comision) -> None:
    """Raises :class:`SinRegla` and its like for one without an amount."""
    error = _SIN_IMPORTE.get(comision.motivo_retencion)
    if error is not None:
        raise error()


def exigir_aprobable(comision: Comision, actor: Actor, *, ajena: bool = False) -> None:
    """Raises what :func:`~comisiones.revision.services.aprobar_comision` does, but for the limits
    of whoever approves. ``ajena``: the caller knows that nothing ties the author to it."""
    if comision.estado in YA_APROBADA:
        raise YaAprobada(comision)
    COMISION.exigir(comision, EstadoComision.APROBADA)
    exigir_importe(comision)
    if comision.afiliado.estado != EstadoAfiliado.ACTIVO:
        raise AfiliadoNoActivo(
            _("El afiliado está «%(estado)s»: actívalo antes de aprobar.")
            % {"estado": comision.afiliado.estado}
        )
    if not ajena:
        exigir_otras_manos(comision, actor)


def aprobar(
    comisiones: Sequence[Comision],
    *,
    actor: Actor,
    motivo: str,
    motivos: Motivos | None = None,
    datos: Datos | None = None,
) -> None:
    """Approve what may be: state and history, ledger and event. Those of nothing are closed."""
    COMISION.transitar_todos(
        comisiones,
        EstadoComision.APROBADA,
        accion="aprobar",
        actor=actor,
        motivo=motivo,
        motivos=motivos,
        datos=datos,
        valores={
            "motivo_retencion": "",
            "aprobada_por": str(actor),
            "aprobada_en": timezone.now(),
        },
    )
    por_tipo: dict[TipoAsiento, dict[str, list[Linea]]] = defaultdict(dict)
    for comision in comisiones:
        if comision.monto:
            por_tipo[_aprobacion(comision)][comision.id_publico] = [
                Linea(Cuenta.GASTO_COMISIONES, comision.monto, comision.moneda),
                Linea(Cuenta.POR_PAGAR, -comision.monto, comision.moneda, comision.afiliado),
            ]
    for tipo, lineas in por_tipo.items():
        asentar_todos(tipo=tipo, lineas=lineas)
    publicar_todos(
        (
            eventos.ComisionAprobada(
                comision_id=comision.id_publico,
                afiliado_id=comision.afiliado.id_publico,
                monto=dinero.texto(comision.monto, comision.moneda),
                moneda=comision.moneda,
                madura_en=comision.madura_en,
            ),
            comision.version,
        )
        for comision in comisiones
    )
    for comision in comisiones:
        if not comision.monto:
            cerrar(comision, actor)


def _aprobacion(comision: Comision) -> TipoAsiento:
    if comision.version <= _VERSION_REPUESTA:
        return TipoAsiento.APROBACION
    return otra_vez(comision.id_publico, TipoAsiento.APROBACION, TipoAsiento.REAPROBACION)


def rechazar(
    comisiones: Sequence[Comision],
    *,
    actor: Actor,
    motivo: str,
    motivos: Motivos | None = None,
    datos: Datos | None = None,
) -> None:
    """Turn down what is in review."""
    cambiar(
        comisiones,
        EstadoComision.RECHAZADA,
        accion="rechazar",
        actor=actor,
        motivo=motivo,
        motivos=motivos,
        datos=datos,
        evento=lambda c: eventos.ComisionRechazada(comision_id=c.id_publico, motivo=c.motivo),
    )


def retener(
    comisiones: Sequence[Comision],
    *,
    actor: Actor,
    motivo: str,
    motivos: Motivos | None = None,
    datos: Datos | None = None,
) -> None:
    """Hold what is pending."""
    cambiar(
        comisiones,
        EstadoComision.RETENIDA,
        accion="retener",
        actor=actor,
        motivo=motivo,
        motivos=motivos,
        datos=datos,
        motivo_retencion=MotivoRetencion.MANUAL,
        evento=lambda c: eventos.ComisionRetenida(
            comision_id=c.id_publico, motivo_retencion=MotivoRetencion.MANUAL
        ),
    )


def cambiar(
    comisiones: Sequence[Comision],
    destino: str,
    *,
    accion: str,
    actor: Actor,
    motivo: str,
    evento: Callable[[Comision], Any],
    motivo_retencion: str = "",
    motivos: Motivos | None = None,
    datos: Datos | None = None,
) -> None:
    """Move commissions to another state, with history and event. Raises TransicionInvalida."""
    for comision in comisiones:
        comision.motivo = (motivos or {}).get(comision.id_publico, motivo)
    COMISION.transitar_todos(
        comisiones,
        destino,
        accion=accion,
        actor=actor,
        motivo=motivo,
        motivos=motivos,
        datos=datos,
        valores={
            "motivo_retencion": motivo_retencion,
            **({} if motivos else {"motivo": motivo}),
        },
        campos=("motivo",) if motivos else (),
    )
    publicar_todos((evento(comision), comision.version) for comision in comisiones)
