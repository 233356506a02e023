"""Why a commission would not be decided, with many others: at work, and in a rehearsal."""

from __future__ import annotations

from typing import TypeAlias

from alpespartner.comun.actores import Actor
from alpespartner.comun.errores import ErrorDominio
from comisiones.comision.estados import COMISION, YA_APROBADA, EstadoComision
from comisiones.comision.models import Comision
from comisiones.revision import pasos
from comisiones.revision.estados import AccionEnMasa, Resultado

Dicho: TypeAlias = tuple[Resultado, str]

# What deciding reads of a commission.
COLUMNAS = (
    "id_publico", "conversion", "afiliado", "campana", "version_regla", "nivel", "monto", "moneda",
    "traza",
    "estado", "motivo_retencion", "madura_en", "creada_por", "version", "actualizado_en",
)  # fmt: skip

_DESTINO = {
    AccionEnMasa.APROBAR: EstadoComision.APROBADA,
    AccionEnMasa.RECHAZAR: EstadoComision.RECHAZADA,
    AccionEnMasa.RETENER: EstadoComision.RETENIDA,
}


def ya_esta(comision: Comision, accion: AccionEnMasa) -> bool:
    """Whether it is where the decision would take it, or further."""
    aprobada = accion == AccionEnMasa.APROBAR and comision.estado in YA_APROBADA
    return aprobada or comision.estado == _DESTINO[accion]


def por_que_no(
    comision: Comision, accion: AccionEnMasa, actor: Actor, *, ajena: bool
) -> Dicho | None:
    """What a rule refuses of deciding a commission; None when nothing does."""
    try:
        if accion == AccionEnMasa.APROBAR:
            pasos.exigir_aprobable(comision, actor, ajena=ajena)
        else:
            COMISION.exigir(comision, _DESTINO[accion])
    except ErrorDominio as exc:
        conocido = exc.codigo in Resultado.values
        resultado = Resultado(exc.codigo) if conocido else Resultado.FALLO
        return resultado, exc.mensaje[:500]
    return None
