"""A self-billing document as PDF: who bills whom, and each thing that the payment paid."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from alpespartner.comun.documentos.pdf import LINEAS_POR_PARTE, a_pdf
from alpespartner.comun.errores import DatoInvalido
from alpespartner.comun.formato import numero
from comisiones.liquidaciones.conceptos import fecha_y_concepto, items_de
from comisiones.liquidaciones.models import Liquidacion, TipoLiquidacion
from comisiones.pagos.models import ItemPago


def partes_de(liquidacion: Liquidacion) -> int:
    """How many files it takes: at least one."""
    lineas = ItemPago.objects.filter(pago=liquidacion.pago_id).count()
    return max(1, -(-lineas // LINEAS_POR_PARTE))


def nombre_de(liquidacion: Liquidacion, parte: int = 1, de: int = 1) -> str:
    """Name of a file."""
    sufijo = f"-{parte}-de-{de}" if de > 1 else ""
    return f"{liquidacion.tipo}-{liquidacion.numero_completo}{sufijo}.pdf"


def pdf_de(liquidacion: Liquidacion, parte: int = 1) -> bytes:
    """One part of a document; raises :class:`DatoInvalido` for a part that there is not."""
    total = partes_de(liquidacion)
    if not 1 <= parte <= total:
        raise DatoInvalido(_("El documento tiene %(n)s partes.") % {"n": total}, campo="parte")
    inicio = (parte - 1) * LINEAS_POR_PARTE
    signo = _signo(liquidacion)
    contexto = {
        "liquidacion": liquidacion,
        "rectifica": liquidacion.tipo == TipoLiquidacion.RECTIFICATIVA,
        "importe": numero(liquidacion.importe, liquidacion.moneda),
        "bruto": numero(signo * liquidacion.pago.bruto, liquidacion.moneda),
        "retenido": numero(-signo * liquidacion.pago.retenido, liquidacion.moneda),
        "parte": parte,
        "total": total,
        "lineas": lineas_de(liquidacion, inicio, inicio + LINEAS_POR_PARTE),
    }
    return a_pdf("pdf/liquidacion.html", contexto)


def _signo(liquidacion: Liquidacion) -> int:
    return -1 if liquidacion.tipo == TipoLiquidacion.RECTIFICATIVA else 1


def lineas_de(liquidacion: Liquidacion, desde: int, hasta: int) -> list[dict[str, Any]]:
    """What the payment paid: commissions with their sale, adjustments with their concept."""
    signo = _signo(liquidacion)
    lineas = []
    for item in items_de(liquidacion.pago_id)[desde:hasta]:
        fecha, concepto = fecha_y_concepto(item)
        if item.comision is not None:
            venta, de = item.comision.conversion, item.comision.id_publico
            detalle = venta.referencia_externa or venta.id_publico
        elif item.ajuste is not None:
            detalle, de = item.ajuste.concepto, item.ajuste.id_publico
        lineas.append(
            {
                "fecha": fecha,
                "concepto": concepto,
                "detalle": detalle,
                "id": de,
                "importe": numero(signo * item.importe, item.moneda),
            }
        )
    return lineas
