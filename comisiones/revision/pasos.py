"""What deciding asks and writes, of one commission or of many: all of them locked by the caller."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from afiliados.afiliado.estados import EstadoAfiliado
from alpespartner.comun import dinero
from alpespartner.comun.actores import Actor
from alpespartner.comun.errores import Conflicto
from comisiones import eventos
from comisiones.calculo.renovaciones import repasar_ventas
from comisiones.comision.cierre import cerrar
from comisiones.comision.estados import (
    COMISION,
    YA_APROBADA,
    EstadoComision,
    MotivoRetencion,
)
from comisiones.comision.models import Comision
from comisiones.libro.models import Cuenta, TipoAsiento
from comisiones.libro.services import Linea, asentar_veces
from comisiones.presupuesto.services import por_soltar, soltar
from comisiones.revision.errores import (
    AfiliadoNoActivo,
    FueraDeRango,
    LineasEnEscalas,
    LineasSinPrecio,
    PresupuestoAgotado,
    SinRegla,
    YaAprobada,
)
from comisiones.separacion.selectors import exigir_otras_manos
from conversiones.ventas.motivos import en_palabras
from outbox.publicacion import publicar_todos

# What the history of each says besides, by public id.
Datos = Mapping[str, dict[str, Any]]


class Razon(NamedTuple):
    """Why something was decided: what somebody wrote, and a code of the list."""

    motivo: str
    codigo: str


# Of those that have a reason of their own, by public id.
Motivos = Mapping[str, Razon]

# Approved and sent back to review: before its fourth version nobody approves a commission again.
_VERSION_OTRA_VEZ = 4

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
    if comision.motivo_retencion == MotivoRetencion.PRESUPUESTO_AGOTADO:
        raise PresupuestoAgotado()
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
        motivos=_escritos(motivos),
        datos=datos,
        valores={
            "motivo_retencion": "",
            "aprobada_por": str(actor),
            "aprobada_en": timezone.now(),
        },
    )
    asentar_veces(
        TipoAsiento.APROBACION,
        TipoAsiento.REAPROBACION,
        {
            comision.id_publico: [
                Linea(Cuenta.GASTO_COMISIONES, comision.monto, comision.moneda),
                Linea(Cuenta.POR_PAGAR, -comision.monto, comision.moneda, comision.afiliado),
            ]
            for comision in comisiones
            if comision.monto
        },
        quizas={c.id_publico for c in comisiones if c.version >= _VERSION_OTRA_VEZ},
    )
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


def rechazar(
    comisiones: Sequence[Comision],
    *,
    actor: Actor,
    motivo: str,
    motivo_codigo: str = "",
    motivos: Motivos | None = None,
    datos: Datos | None = None,
) -> None:
    """Turn down what is in review; what it spent of a budget is given back."""
    quitas = por_soltar(comisiones)
    cambiar(
        comisiones,
        EstadoComision.RECHAZADA,
        accion="rechazar",
        actor=actor,
        motivo=motivo,
        motivo_codigo=motivo_codigo,
        motivos=motivos,
        datos=datos,
        evento=lambda c: eventos.ComisionRechazada(
            comision_id=c.id_publico,
            motivo=en_palabras(c.motivo, c.motivo_codigo),
            motivo_codigo=c.motivo_codigo,
        ),
    )
    soltar(quitas)
    # Another sale of the same customer may earn in its place, or none any more.
    repasar_ventas(Q(comisiones__in=comisiones))


def retener(
    comisiones: Sequence[Comision],
    *,
    actor: Actor,
    motivo: str,
    motivo_codigo: str = "",
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
        motivo_codigo=motivo_codigo,
        motivos=motivos,
        datos=datos,
        motivo_retencion=MotivoRetencion.MANUAL,
        evento=lambda c: eventos.ComisionRetenida(
            comision_id=c.id_publico,
            motivo_retencion=MotivoRetencion.MANUAL,
            motivo_codigo=c.motivo_codigo,
        ),
    )


def _escritos(motivos: Motivos | None) -> dict[str, str]:
    return {de: suya.motivo for de, suya in (motivos or {}).items()}


def cambiar(
    comisiones: Sequence[Comision],
    destino: str,
    *,
    accion: str,
    actor: Actor,
    motivo: str,
    evento: Callable[[Comision], Any],
    motivo_codigo: str = "",
    motivo_retencion: str = "",
    motivos: Motivos | None = None,
    datos: Datos | None = None,
) -> None:
    """Move commissions to another state, with history and event. Raises TransicionInvalida."""
    for comision in comisiones:
        suya = (motivos or {}).get(comision.id_publico, Razon(motivo, motivo_codigo))
        comision.motivo, comision.motivo_codigo = suya
    con_codigo = {
        c.id_publico: {**(datos or {}).get(c.id_publico, {}), "motivo_codigo": c.motivo_codigo}
        for c in comisiones
        if c.motivo_codigo
    }
    COMISION.transitar_todos(
        comisiones,
        destino,
        accion=accion,
        actor=actor,
        motivo=motivo,
        motivos=_escritos(motivos),
        datos={**(datos or {}), **con_codigo},
        valores={
            "motivo_retencion": motivo_retencion,
            **({} if motivos else {"motivo": motivo, "motivo_codigo": motivo_codigo}),
        },
        campos=("motivo", "motivo_codigo") if motivos else (),
    )
    publicar_todos((evento(comision), comision.version) for comision in comisiones)
