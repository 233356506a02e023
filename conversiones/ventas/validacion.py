"""What a sale carries that the engine reads: checked when it is registered.

Partners attach products and metadata freely; of these few, what cannot be read would be a wrong
commission that nobody notices.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from afiliados.afiliado.estados import ACEPTAN_CONVERSIONES
from afiliados.afiliado.models import Afiliado
from alpespartner.comun import dinero
from alpespartner.comun.errores import DatoInvalido, DemasiadoPreciso, MonedaDesconocida
from alpespartner.comun.textos import normalizar
from conversiones.campanas.models import Campana
from conversiones.clientes.candidatos import estado_en
from conversiones.inscripciones.selectors import esta_inscrito
from conversiones.ventas.errores import AfiliadoNoAdmitido, AfiliadoNoInscrito
from conversiones.ventas.lineas import CLAVES_PRODUCTO
from conversiones.ventas.models import SIN_IMPORTE

# Parts of the value that a net base may leave out, in the sale's currency.
CONCEPTOS: Final = ("impuesto", "envio", "descuento")
# What a line of it cost: the whole line, or each unit.
PRECIOS: Final = ("importe", "precio")
MAXIMO_ITEMS: Final = 100_000
MAX_PRODUCTO: Final = 64
# JSON numbers with a point arrive as text: 2.0 is a whole number too.
_CANTIDAD = re.compile(r"\d{1,9}(\.0{1,9})?", re.ASCII)


def exigir_productos(productos: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The products of a sale, with their names in their form.

    Raises :class:`DatoInvalido` naming the line and the field.
    """
    return [_producto(indice, producto) for indice, producto in enumerate(productos)]


def _producto(indice: int, producto: Mapping[str, Any]) -> dict[str, Any]:
    linea = dict(producto)
    for clave in CLAVES_PRODUCTO:
        if linea.get(clave) is None:
            continue
        nombre = linea[clave]
        if isinstance(nombre, str):
            nombre = linea[clave] = normalizar(nombre)
        entendido = isinstance(nombre, str | int) and not isinstance(nombre, bool)
        if not entendido or len(str(nombre)) > MAX_PRODUCTO:
            raise DatoInvalido(
                _("El producto se nombra con un texto de hasta %(n)s caracteres.")
                % {"n": MAX_PRODUCTO},
                campo=f"productos.{indice}.{clave}",
            )
    if "cantidad" in linea and not _es_cantidad(linea["cantidad"]):
        raise DatoInvalido(
            _("Debe ser un número entero de 1 a 100000."), campo=f"productos.{indice}.cantidad"
        )
    for clave in PRECIOS:
        _exigir_importe(linea.get(clave), f"productos.{indice}.{clave}")
    return linea


def _es_cantidad(valor: object) -> bool:
    if isinstance(valor, bool) or not isinstance(valor, int | str | Decimal):
        return False
    texto = str(valor)
    return _CANTIDAD.fullmatch(texto) is not None and 1 <= Decimal(texto) <= MAXIMO_ITEMS


def exigir_metadatos(metadatos: Mapping[str, Any]) -> None:
    """The parts of the value that a sale says are amounts; raises :class:`DatoInvalido` naming
    the field."""
    for clave in CONCEPTOS:
        _exigir_importe(metadatos.get(clave), f"metadatos.{clave}")


def _exigir_importe(valor: Any, campo: str) -> None:
    if valor is None:
        return
    try:
        monto = dinero.decimal_exacto(valor)
    except dinero.DineroInvalido as exc:
        raise DatoInvalido(exc, campo=campo) from None
    if not dinero.CERO <= monto <= dinero.MAXIMO:
        raise DatoInvalido(
            _("Debe ser un importe desde 0, menor que 100.000.000.000."), campo=campo
        )


def exigir_que_admita(afiliado: Afiliado, en: datetime | None = None) -> None:
    """Raises :class:`AfiliadoNoAdmitido` for one in a state in which it has no sales: now, or at
    the instant at which a sale occurred, whenever it arrives."""
    estado = afiliado.estado if en is None else estado_en(afiliado, en)
    if estado not in ACEPTAN_CONVERSIONES:
        raise AfiliadoNoAdmitido(
            _("El afiliado está «%(estado)s»: no admite conversiones.") % {"estado": estado}
        )


def exigir_inscrito(campana: Campana, afiliado: Afiliado, ocurrida_en: datetime) -> None:
    """Raises :class:`AfiliadoNoInscrito` for one that could not earn in a campaign at an instant.
    Of an open one nothing is asked."""
    if not esta_inscrito(campana, afiliado, ocurrida_en):
        raise AfiliadoNoInscrito()


def exigir_valor(valor: Decimal, moneda: str, tipo: str) -> None:
    """What a sale is worth, in its currency: nothing only where the customer does not pay.

    Raises :class:`MonedaDesconocida`, :class:`DemasiadoPreciso` and :class:`DatoInvalido`.
    """
    try:
        exacto = dinero.es_exacto(valor, moneda)
    except dinero.DineroInvalido as exc:
        raise MonedaDesconocida(exc) from None
    sin_importe = not valor and tipo in SIN_IMPORTE
    if (valor <= 0 and not sin_importe) or valor > dinero.MAXIMO:
        raise DatoInvalido(_("Debe ser mayor que cero."), campo="valor_conversion")
    if not exacto:
        raise DemasiadoPreciso(
            _("%(moneda)s admite %(n)s decimales.")
            % {"moneda": moneda, "n": dinero.exponente(moneda)},
            campo="valor_conversion",
        )
