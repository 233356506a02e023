"""A self-billing document as PDF: who bills whom, and each thing that the payment paid."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from alpespartner.comun.admin_formato import numero
from alpespartner.comun.errores import DatoInvalido
from alpespartner.comun.pdf import LINEAS_POR_PARTE, a_pdf
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
    contexto = {
        "liquidacion": liquidacion,
        "rectifica": liquidacion.tipo == TipoLiquidacion.RECTIFICATIVA,
        "importe": numero(liquidacion.importe, liquidacion.moneda),
        "parte": parte,
        "total": total,
        "lineas": lineas_de(liquidacion, inicio, inicio + LINEAS_POR_PARTE),
    }
    return a_pdf("pdf/liquidacion.html", contexto)


def lineas_de(liquidacion: Liquidacion, desde: int, hasta: int) -> list[dict[str, Any]]:
    """What the payment paid: commissions with their sale, and adjustments with their reason."""
    signo = -1 if liquidacion.tipo == TipoLiquidacion.RECTIFICATIVA else 1
    items = (
        ItemPago.objects.filter(pago=liquidacion.pago_id)
        .select_related("comision__conversion", "comision__campana", "ajuste")
        .defer("comision__traza", "comision__conversion__productos")
        .order_by("pk")
    )
    lineas = []
    for item in items[desde:hasta]:
        if item.comision is not None:
            venta = item.comision.conversion
            linea = {
                "fecha": venta.ocurrida_en,
                "concepto": _("Comisión de %(campana)s") % {"campana": item.comision.campana},
                "detalle": venta.referencia_externa or venta.id_publico,
                "id": item.comision.id_publico,
            }
        else:
            assert item.ajuste is not None  # noqa: S101 - a constraint of the table
            linea = {
                "fecha": item.ajuste.creado_en,
                "concepto": item.ajuste.get_tipo_display(),
                "detalle": item.ajuste.motivo,
                "id": item.ajuste.id_publico,
            }
        lineas.append({**linea, "importe": numero(signo * item.importe, item.moneda)})
    return lineas
