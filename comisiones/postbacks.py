"""What a postback tells of a commission: which event says which state, and what its macros hold."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Sum

from alpespartner.comun import dinero
from alpespartner.comun.dinero import CERO
from alpespartner.comun.textos import normalizar_cupon
from comisiones.ajustes.estados import EstadoAjuste
from comisiones.ajustes.models import Ajuste, TipoAjuste
from comisiones.comision.estados import EN_PAGO, EstadoComision
from comisiones.comision.models import Comision
from conversiones.atribucion import Motivo
from conversiones.clientes.models import VinculadoPor
from conversiones.rastreo.models import SUBIDS, Clic, Cupon
from outbox.consumo import Sobre
from outbox.webhooks.macros import SIN_GANAR, EstadoPostback
from outbox.webhooks.postbacks import Noticia, leer_de

# An approval that is undone, or a hold, is none of them: they were told that it is pending.
_DE = {
    "ComisionCalculada": EstadoPostback.PENDIENTE,
    "ComisionLiberada": EstadoPostback.PENDIENTE,
    "ComisionAprobada": EstadoPostback.APROBADA,
    "ComisionRechazada": EstadoPostback.RECHAZADA,
    "ComisionAnulada": EstadoPostback.REVERTIDA,
    "ComisionPagada": EstadoPostback.PAGADA,
    # One that is in a payment keeps its state: what takes it back is an adjustment.
    "AjusteContabilizado": EstadoPostback.REVERTIDA,
}
_QUITAN = (TipoAjuste.REVERSO, TipoAjuste.CLAWBACK, TipoAjuste.REASIGNACION)


def noticias(sobres: Sequence[Sobre]) -> dict[str, Noticia]:
    """What some events tell the affiliate whose sale it is: not those above it in the network, for
    a tracker knows only its own clicks."""
    datos = {sobre.id: sobre.datos for sobre in sobres}
    nombradas = {str(uno.get("comision_id") or "") for uno in datos.values()}
    filas = Comision.objects.filter(id_publico__in=nombradas, nivel=1).select_related(
        "afiliado", "campana", "conversion__cliente", "conversion__atribucion"
    )
    comisiones = {c.id_publico: c for c in filas}
    quitadas = _quitadas([c for c in comisiones.values() if c.estado in EN_PAGO])
    clics = _clics(comisiones.values())
    cupones = _cupones(comisiones.values())
    dichos: dict[str, Noticia] = {}
    for sobre in sobres:
        comision = comisiones.get(str(datos[sobre.id].get("comision_id") or ""))
        if comision is None or not _se_dice(sobre, datos[sobre.id], comision, quitadas):
            continue
        valores = {
            **_de_la_venta(comision, cupones),
            **_del_clic(comision, clics),
            **_del_suceso(sobre, datos[sobre.id], comision),
        }
        dichos[sobre.id] = Noticia(
            comision.afiliado.id_publico, comision.id_publico, _DE[sobre.tipo], valores
        )
    return dichos


def _se_dice(
    sobre: Sobre, datos: Mapping[str, Any], comision: Comision, quitadas: Collection[int]
) -> bool:
    if datos.get("afiliado_id", comision.afiliado.id_publico) != comision.afiliado.id_publico:
        return False
    if sobre.tipo == "AjusteContabilizado":
        return comision.pk in quitadas
    # Held without an amount: releasing it tells what it earns.
    retenida = datos.get("estado") == EstadoComision.RETENIDA
    return not (retenida and dinero.decimal_exacto(datos["monto"]) == CERO)


def _quitadas(pagadas: Sequence[Comision]) -> set[int]:
    """Of some commissions that are in a payment, the keys of those that were taken back whole."""
    if not pagadas:
        return set()
    sumas = (
        Ajuste.objects.filter(
            comision__in=pagadas, estado=EstadoAjuste.CONTABILIZADO, tipo__in=_QUITAN
        )
        .order_by()
        .values_list("comision_id", "afiliado_id")
        .annotate(quitado=Sum("monto"))
    )
    quitado = {(c, a): dinero.cuantizar(s, _moneda(pagadas, c)) for c, a, s in sumas}
    return {c.pk for c in pagadas if quitado.get((c.pk, c.afiliado_id), CERO) <= -c.monto < CERO}


def _moneda(comisiones: Sequence[Comision], pk: int | None) -> str:
    return next(c.moneda for c in comisiones if c.pk == pk)


def _clic_de(comision: Comision) -> str:
    """The click that its sale was credited by, also when it only bound the customer."""
    atribucion = getattr(comision.conversion, "atribucion", None)
    if atribucion is None:
        return ""
    if atribucion.motivo == Motivo.CLIC:
        return str(atribucion.dato)
    cliente = comision.conversion.cliente
    if atribucion.motivo == Motivo.VINCULO and cliente is not None:
        return cliente.vinculado_dato if cliente.vinculado_por == VinculadoPor.CLIC else ""
    return ""


def _clics(comisiones: Collection[Comision]) -> dict[str, Clic]:
    ids = {_clic_de(comision) for comision in comisiones} - {""}
    return {c.id_publico: c for c in Clic.objects.filter(id_publico__in=ids)} if ids else {}


def _del_clic(comision: Comision, clics: Mapping[str, Clic]) -> dict[str, str]:
    clic = clics.get(_clic_de(comision))
    if clic is None or clic.afiliado_id != comision.afiliado_id:
        # Of a sale that is another's by now, what one wrote in its links is not the other's.
        return dict.fromkeys(("click_id", *SUBIDS), "")
    return {"click_id": clic.id_publico, **{sub: getattr(clic, sub) for sub in SUBIDS}}


def _cupones(comisiones: Collection[Comision]) -> set[tuple[str, int]]:
    codigos = {normalizar_cupon(c.conversion.cupon) for c in comisiones} - {""}
    if not codigos:
        return set()
    suyos = Cupon.objects.filter(
        codigo__in=codigos, afiliado__in={c.afiliado_id for c in comisiones}
    )
    return set(suyos.values_list("codigo", "afiliado_id"))


def _de_la_venta(comision: Comision, cupones: Collection[tuple[str, int]]) -> dict[str, str]:
    venta = comision.conversion
    cupon = normalizar_cupon(venta.cupon)
    return {
        "transaction_id": venta.referencia_externa or venta.id_publico,
        "event": venta.tipo_conversion,
        # Beside ``currency``, which is the commission's.
        "sale_amount": (
            dinero.texto(venta.valor, venta.moneda) if venta.moneda == comision.moneda else ""
        ),
        "campaign_id": comision.campana.id_publico,
        "affiliate_id": comision.afiliado.id_publico,
        "commission_id": comision.id_publico,
        "coupon": cupon if (cupon, comision.afiliado_id) in cupones else "",
    }


def _del_suceso(sobre: Sobre, datos: Mapping[str, Any], comision: Comision) -> dict[str, str]:
    """What it earns by what happened, and when it did."""
    nada = _DE[sobre.tipo] in SIN_GANAR
    momento = datetime.fromisoformat(json.loads(sobre.texto)["time"])
    return {
        "payout": dinero.texto(CERO, comision.moneda) if nada else str(datos["monto"]),
        "currency": comision.moneda,
        "reason": str(datos.get("motivo_codigo") or ""),
        "timestamp": str(int(momento.timestamp())),
    }


leer_de(_DE, noticias)
