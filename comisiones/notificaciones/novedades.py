"""From events to what digests tell. It writes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext_noop

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.dinero import CERO
from alpespartner.comun.textos import instante
from comisiones.ajustes.models import Ajuste, TipoAjuste
from comisiones.comision.estados import MotivoRetencion
from comisiones.comision.models import Comision
from comisiones.notificaciones.estados import ClaseNovedad
from comisiones.notificaciones.models import Novedad
from comisiones.notificaciones.reloj import proxima_hora
from conversiones.ventas.models import MovimientoConversion
from outbox.consumo import Sobre

_C = ClaseNovedad
# Whose reasons are codes: what the affiliate reads. Why a person holds one is among us.
_EN_REVISION = gettext_noop("La estamos revisando.")
_POR_QUE_ESPERA = {
    MotivoRetencion.AFILIADO_PENDIENTE: gettext_noop("Tu cuenta espera su activación."),
    MotivoRetencion.AFILIADO_NO_ACTIVO: gettext_noop("Tu cuenta no está activa."),
    MotivoRetencion.SIN_REGLA: gettext_noop("Falta decir cuánto paga."),
    MotivoRetencion.PRESUPUESTO_AGOTADO: gettext_noop("La campaña no tiene presupuesto por ahora."),
}
# An own mail tells of it at once.
_YA_AVISADOS = frozenset({TipoAjuste.PAGO_DEVUELTO})


def _aprobada(datos: dict[str, Any], comision: Comision | None) -> dict[str, Any]:
    return {"clase": _C.APROBADA, "monto": datos["monto"]}


def _retenida(datos: dict[str, Any], comision: Comision | None) -> dict[str, Any]:
    motivo = _POR_QUE_ESPERA.get(datos["motivo_retencion"], _EN_REVISION)
    return {"clase": _C.RETENIDA, "motivo": motivo}


def _devuelta(datos: dict[str, Any], comision: Comision | None) -> dict[str, Any]:
    return {"clase": _C.DEVUELTA, "monto": datos["monto"], "motivo": _EN_REVISION}


def _rechazada(datos: dict[str, Any], comision: Comision | None) -> dict[str, Any]:
    return {"clase": _C.RECHAZADA, "motivo": datos["motivo"]}


def _anulada(datos: dict[str, Any], comision: Comision | None) -> dict[str, Any]:
    if datos.get("quitado"):
        return _reducida(datos, comision)
    return {"clase": _C.ANULADA, "motivo": datos["motivo"]}


def _reducida(datos: dict[str, Any], comision: Comision | None) -> dict[str, Any]:
    # An event of before does not say what its refund took.
    return {"clase": _C.QUITADA, "monto": datos.get("quitado", "0")}


def _ajustada(datos: dict[str, Any], comision: Comision | None) -> dict[str, Any]:
    tipo = datos["tipo"]
    dicho = Ajuste(tipo=tipo, concepto=datos["concepto"]).publico
    if tipo == TipoAjuste.REVERSO:
        return {"clase": _C.QUITADA, "monto": -Decimal(datos["monto"]), "motivo": dicho}
    if tipo in _YA_AVISADOS:
        return {"clase": _C.AJUSTE, "monto": CERO}
    return {"clase": _C.AJUSTE, "monto": datos["monto"], "motivo": dicho}


HECHOS: dict[str, Callable[[dict[str, Any], Comision | None], dict[str, Any]]] = {
    "AjusteContabilizado": _ajustada,
    "ComisionAnulada": _anulada,
    "ComisionAprobada": _aprobada,
    "ComisionDevuelta": _devuelta,
    "ComisionRechazada": _rechazada,
    "ComisionReducida": _reducida,
    "ComisionRetenida": _retenida,
}


def novedades_de(sobres: Sequence[Sobre]) -> list[Novedad]:
    """What some events (of HECHOS) tell, each due at the next hour of its affiliate. What is of
    nothing, such as the approval of 0, is left out: but for what has no amount yet."""
    datos = {sobre.id: sobre.datos for sobre in sobres}
    comisiones = _comisiones({d["comision_id"] for d in datos.values() if d["comision_id"]})
    motivos = _motivos({d["movimiento_id"] for d in datos.values() if d.get("movimiento_id")})
    afiliados = _afiliados(datos.values(), comisiones.values())
    ahora = timezone.now()
    novedades = []
    # What the system says is kept in Spanish, whatever the language of this process.
    with translation.override("es"):
        for sobre in sobres:
            suyos = datos[sobre.id]
            comision = comisiones.get(suyos["comision_id"])
            dicho = {"motivo": motivos.get(suyos.get("movimiento_id"), "")}
            dicho |= HECHOS[sobre.tipo](suyos, comision)
            monto = Decimal(dicho.pop("monto", comision.monto if comision else CERO))
            if not monto and dicho["clase"] != _C.RETENIDA:
                continue
            de = afiliados[suyos.get("afiliado_id") or _de(comision)]
            if de.borrado_en is not None:
                continue
            novedades.append(
                Novedad(
                    evento_id=sobre.id,
                    afiliado=de,
                    referencia=_referencia(suyos, comision),
                    monto=monto,
                    moneda=suyos.get("moneda") or (comision.moneda if comision else ""),
                    ocurrida_en=_cuando(sobre),
                    toca_en=proxima_hora(ahora, de.resumen),
                    **dicho,
                )
            )
    return novedades


def _comisiones(ids: Collection[str]) -> dict[str, Comision]:
    # What it was computed from is most of a row, and nothing here reads it.
    filas = Comision.objects.filter(id_publico__in=ids).select_related("afiliado", "conversion")
    solo = (
        "id_publico", "monto", "moneda", "afiliado__id_publico",
        "conversion__referencia_externa", "conversion__id_publico",
    )  # fmt: skip
    return {c.id_publico: c for c in filas.only(*solo)}


def _motivos(ids: Collection[str]) -> dict[str | None, str]:
    """What each refund was, by public id."""
    with translation.override("es"):
        movimientos = MovimientoConversion.objects.filter(id_publico__in=ids).defer("de")
        return {m.id_publico: m.get_tipo_display() for m in movimientos}


def _afiliados(datos: Collection[dict[str, Any]], comisiones: Collection[Comision]) -> Any:
    ids = {d["afiliado_id"] for d in datos if d.get("afiliado_id")} | {_de(c) for c in comisiones}
    return {a.id_publico: a for a in Afiliado.objects.filter(id_publico__in=ids)}


def _de(comision: Comision | None) -> str:
    return "" if comision is None else comision.afiliado.id_publico


def _referencia(datos: dict[str, Any], comision: Comision | None) -> str:
    """The order's, else the sale's; of what has no sale, its own."""
    if comision is None:
        return datos.get("ajuste_id", "")
    return comision.conversion.referencia_externa or comision.conversion.id_publico


def _cuando(sobre: Sobre) -> datetime:
    return instante(json.loads(sobre.texto)["time"])
