"""What the page of a commission tells: its computation, its events, its money."""

from __future__ import annotations

from typing import Any

from alpespartner.comun.admin.formato import importe, insignia, nombres_de_actores
from alpespartner.comun.dinero import CERO
from alpespartner.comun.formato import porcentaje
from comisiones.ajustes.estados import EstadoAjuste
from comisiones.ajustes.models import Ajuste
from comisiones.calculo.explicacion import diferencias, mayor_que_su_venta, pasos_de
from comisiones.comision.models import Comision
from comisiones.libro.models import Apunte
from comisiones.pagos.models import ItemPago
from comisiones.revision.automatica import por_que_no_sola
from conversiones.ventas.selectors import venta_parecida
from outbox.selectors import eventos_de


def contexto_de_comision(comision: Comision) -> dict[str, Any]:
    """Context of the page, with a constant number of queries."""
    pagos = [
        item.pago
        for item in ItemPago.objects.filter(comision=comision)
        .select_related("pago")
        .order_by("-id")
    ]
    ajustes = list(comision.ajustes.order_by("id"))
    origenes = [
        comision.id_publico,
        *(pago.id_publico for pago in pagos),
        *(ajuste.id_publico for ajuste in ajustes),
    ]
    nombres = nombres_de_actores(filter(None, (comision.creada_por, comision.aprobada_por)))
    return {
        "comision": comision,
        "insignia_estado": insignia(comision.estado, comision.get_estado_display()),
        "monto": importe(comision.monto, comision.moneda),
        "venta": importe(comision.conversion.valor, comision.conversion.moneda),
        "tasa": porcentaje(comision.tasa) if comision.tasa is not None else "",
        **_de_mas(comision, ajustes),
        "calculo": pasos_de(comision),
        "mayor_que_su_venta": mayor_que_su_venta(comision),
        "diferencias": diferencias(comision),
        "no_sola": por_que_no_sola(comision),
        "eventos": list(eventos_de(comision.id_publico)),
        "apuntes": apuntes_de(origenes),
        "ajustes": [
            {
                "ajuste": ajuste,
                "importe": importe(ajuste.monto, ajuste.moneda),
                "insignia": insignia(ajuste.estado, ajuste.get_estado_display()),
            }
            for ajuste in ajustes
        ],
        "reversos": [
            {"reverso": reverso, "importe": importe(-reverso.monto, reverso.moneda)}
            for reverso in comision.reversos.filter(ajuste=None)
            .select_related("movimiento")
            .order_by("id")
        ],
        "pagos": [
            {
                "pago": pago,
                "importe": importe(pago.importe, pago.moneda),
                "insignia": insignia(pago.estado, pago.get_estado_display()),
            }
            for pago in pagos
        ],
        "parecida": venta_parecida(comision.conversion),
        "creada_por": nombres.get(comision.creada_por, ""),
        "aprobada_por": nombres.get(comision.aprobada_por, ""),
    }


def _de_mas(comision: Comision, ajustes: list[Ajuste]) -> dict[str, Any]:
    """What changed its amount since it was calculated: refunds of it, and adjustments posted."""
    dicho: dict[str, Any] = {}
    if comision.revertido:
        dicho["quitado"] = importe(comision.revertido, comision.moneda)
    suyos = [
        a.monto
        for a in ajustes
        # Of one whose sale is of another affiliate now, some are that other's.
        if a.afiliado_id == comision.afiliado_id
        and (a.estado, a.moneda) == (EstadoAjuste.CONTABILIZADO, comision.moneda)
    ]
    if ajustado := sum(suyos, CERO):
        dicho["ajustado"] = importe(ajustado, comision.moneda)
        dicho["con_ajustes"] = importe(comision.monto + ajustado, comision.moneda)
    return dicho


def apuntes_de(origenes: list[str]) -> list[dict[str, Any]]:
    """Ledger lines of some causes, as debit and credit."""
    apuntes = (
        Apunte.objects.filter(asiento__origen__in=origenes)
        .select_related("asiento", "afiliado")
        .order_by("asiento_id", "id")
    )
    return [
        {
            "asiento": apunte.asiento,
            "cuenta": apunte.get_cuenta_display(),
            "afiliado": apunte.afiliado,
            "debe": importe(apunte.importe, apunte.moneda) if apunte.importe > CERO else "",
            "haber": importe(-apunte.importe, apunte.moneda) if apunte.importe < CERO else "",
        }
        for apunte in apuntes
    ]
