"""The remittance advice of a payment: what it pays, line by line, as a document."""

from __future__ import annotations

from alpespartner.comun.documentos.pdf import LINEAS_POR_PARTE, a_pdf
from alpespartner.comun.formato import numero
from comisiones.liquidaciones.conceptos import fecha_y_concepto, items_de
from comisiones.liquidaciones.errores import SinRemesa
from comisiones.pagos.estados import EstadoPago
from comisiones.pagos.models import Pago

# Before that there is nothing to advise of.
CON_REMESA = frozenset({EstadoPago.PAGADO, EstadoPago.DEVUELTO})


def nombre_de(pago: Pago) -> str:
    """Name of the file."""
    return f"remesa-{pago.id_publico}.pdf"


def pdf_de(pago: Pago) -> bytes:
    """The document of a payment that was made: the same bytes each time it is asked for.

    Raises :class:`SinRemesa` before it is paid. Past ``LINEAS_POR_PARTE`` lines it says how many
    more there are, and what they add up to.
    """
    if pago.estado not in CON_REMESA:
        raise SinRemesa()
    items = list(items_de(pago.pk))
    visibles, resto = items[:LINEAS_POR_PARTE], items[LINEAS_POR_PARTE:]
    lineas = []
    for item in visibles:
        fecha, concepto = fecha_y_concepto(item)
        if item.comision is not None:
            origen = item.comision.conversion.referencia_externa or item.comision.id_publico
        elif item.ajuste is not None:
            concepto, origen = item.ajuste.publico, item.ajuste.id_publico
        lineas.append(
            {
                "concepto": concepto,
                "origen": origen,
                "fecha": fecha,
                "importe": numero(item.importe, item.moneda),
            }
        )
    contexto = {
        "pago": pago,
        "afiliado": pago.afiliado,
        "cuenta": getattr(pago.afiliado, "cuenta", None) if pago.pasarela == "sepa" else None,
        "importe": numero(pago.importe, pago.moneda),
        "bruto": numero(pago.bruto, pago.moneda),
        "retenido": numero(-pago.retenido, pago.moneda),
        "lineas": lineas,
        "mas": len(resto),
        "suma_de_mas": numero(sum(i.importe for i in resto), pago.moneda) if resto else "",
        "devuelto": pago.estado == EstadoPago.DEVUELTO,
    }
    return a_pdf("pdf/remesa.html", contexto)
