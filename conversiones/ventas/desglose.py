"""What a refund says that it is of: shipping, tax or products, each with its amount."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from alpespartner.comun import dinero
from alpespartner.comun.errores import DatoInvalido, DemasiadoPreciso
from conversiones.ventas.errores import DevolucionExcesiva
from conversiones.ventas.lineas import lineas_de, monto_de
from conversiones.ventas.models import Conversion

ENVIO, IMPUESTO, PRODUCTO = CONCEPTOS = ("envio", "impuesto", "producto")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParteDevuelta:
    """``monto``, positive, of a concept; of one product when it is named."""

    concepto: str
    monto: Decimal
    producto_id: str = ""

    def a_json(self, moneda: str | None) -> dict[str, str]:
        """As it is stored and published; as it was given while its currency is not known."""
        monto = f"{self.monto:f}" if moneda is None else dinero.texto(self.monto, moneda)
        datos = {"concepto": self.concepto, "monto": monto}
        return datos | ({"producto_id": self.producto_id} if self.producto_id else {})


def partes_de_json(datos: Iterable[dict[str, Any]]) -> tuple[ParteDevuelta, ...]:
    """Parts as they were stored."""
    return tuple(
        ParteDevuelta(
            concepto=dato["concepto"],
            monto=Decimal(dato["monto"]),
            producto_id=dato.get("producto_id", ""),
        )
        for dato in datos
    )


def comprobar_partes(
    partes: Sequence[ParteDevuelta], monto: Decimal | None, moneda: str | None
) -> Decimal | None:
    """The amount of a refund, which is that of its parts when it has any.

    ``moneda`` is None while its sale has not come: only that says how many decimals fit. Raises
    :class:`DatoInvalido` when they do not add up to it, or one is no amount.
    """
    if not partes:
        return monto
    for parte in partes:
        if parte.concepto not in CONCEPTOS or parte.monto <= 0:
            raise DatoInvalido(_("Debe ser mayor que cero."), campo="de")
        if parte.producto_id and parte.concepto != PRODUCTO:
            raise DatoInvalido(_("Solo un producto lleva su identificador."), campo="de")
        if moneda is not None and not dinero.es_exacto(parte.monto, moneda):
            raise DemasiadoPreciso(
                _("%(moneda)s admite %(n)s decimales.")
                % {"moneda": moneda, "n": dinero.exponente(moneda)},
                campo="de",
            )
    suma = sum((parte.monto for parte in partes), dinero.CERO)
    if monto is not None and monto != suma:
        raise DatoInvalido(_("Lo que dice que devuelve no suma el monto."), campo="de")
    return suma


def exigir_que_quepan(conversion: Conversion, partes: Sequence[ParteDevuelta]) -> None:
    """Raises :class:`DevolucionExcesiva` when more would go back of a concept than the sale had,
    and :class:`DatoInvalido` for a product that none of its lines names with what it cost."""
    if not partes:
        return
    tope: dict[tuple[str, str], Decimal] = defaultdict(lambda: dinero.CERO)
    for concepto in (ENVIO, IMPUESTO):
        tope[concepto, ""] = monto_de(conversion.metadatos, concepto)
    tope[PRODUCTO, ""] = conversion.valor
    for linea in lineas_de(conversion.productos, conversion.moneda):
        if linea.producto and linea.importe is not None:
            tope[PRODUCTO, linea.producto] += linea.importe
    ya: dict[tuple[str, str], Decimal] = defaultdict(lambda: dinero.CERO)
    for guardadas in conversion.movimientos.values_list("de", flat=True):
        for parte in partes_de_json(guardadas):
            ya[parte.concepto, parte.producto_id] += parte.monto
    for parte in partes:
        clave = (parte.concepto, parte.producto_id)
        if clave not in tope:
            raise DatoInvalido(_("La venta no tiene ese producto con precio."), campo="de")
        queda = tope[clave] - ya[clave]
        if parte.monto > queda:
            texto = dinero.texto(max(queda, dinero.CERO), conversion.moneda)
            raise DevolucionExcesiva(
                _("De «%(concepto)s» quedan %(queda)s %(moneda)s: no se puede devolver más.")
                % {
                    "concepto": parte.producto_id or parte.concepto,
                    "queda": texto,
                    "moneda": conversion.moneda,
                },
                queda=texto,
            )
        ya[clave] += parte.monto
