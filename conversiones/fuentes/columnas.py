"""What a file of each kind holds, and by which headers other programs call it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from conversiones.fuentes.errores import ColumnaDesconocida, FaltanColumnas
from conversiones.fuentes.estados import TipoImportacion


@dataclass(frozen=True, slots=True)
class Columna:
    """A field of a row; ``alias`` are other headers that mean it, as :func:`llano` writes them."""

    campo: str
    titulo: Any
    alias: tuple[str, ...] = ()
    obligatoria: bool = False
    ayuda: Any = ""


_CAMPANA = Columna(
    "campana", _("Campaña"), ("campana_id", "campaign", "campaign_id", "programa", "program"),
    ayuda=_("Identificador o referencia. Sin ella, la elegida al subirlo."),
)  # fmt: skip
_VENTAS = (
    Columna(
        "referencia", _("Referencia de la venta"),
        ("referencia_externa", "pedido", "id_pedido", "pedido_id", "numero_pedido", "orden",
         "order", "order_id", "order_number", "reference", "external_id", "transaction_id",
         "transaction", "txid"),
        obligatoria=True,
        ayuda=_("El número de pedido de la tienda. Por ella no se cuenta dos veces."),
    ),
    Columna(
        "afiliado", _("Afiliado"),
        ("afiliado_id", "afiliada", "affiliate", "affiliate_id", "partner", "partner_id", "socio",
         "publisher", "publisher_id"),
        obligatoria=True, ayuda=_("Identificador o referencia externa."),
    ),
    Columna(
        "valor", _("Valor"),
        ("valor_conversion", "importe", "monto", "total", "precio", "amount", "value",
         "sale_amount", "order_total", "order_amount", "price", "revenue"),
        obligatoria=True, ayuda=_("Con coma o con punto para los decimales."),
    ),
    Columna(
        "ocurrida_en", _("Fecha"),
        ("fecha", "ocurrida", "fecha_hora", "fecha_pedido", "date", "datetime", "timestamp",
         "created_at", "occurred_at", "order_date", "conversion_date", "sale_date"),
        obligatoria=True, ayuda=_("Como 2026-01-31 o 2026-01-31 10:00."),
    ),
    Columna("moneda", _("Moneda"), ("divisa", "currency", "currency_code"),
            ayuda=_("Sin ella, la de la campaña.")),
    _CAMPANA,
    Columna("tipo", _("Tipo"), ("tipo_conversion", "type", "event", "conversion_type")),
    Columna("cupon", _("Cupón"), ("coupon", "coupon_code", "cupon_codigo", "discount_code",
                                   "promo_code", "voucher")),
    Columna("canal", _("Canal"), ("canal_origen", "channel", "source")),
)  # fmt: skip
_DEVOLUCIONES = (
    Columna(
        "venta", _("Venta"),
        ("referencia_externa", "referencia", "conversion_id", "conversion", "pedido", "id_pedido",
         "numero_pedido", "orden", "order", "order_id", "order_number", "sale", "sale_id",
         "transaction_id", "txid"),
        obligatoria=True, ayuda=_("Su referencia o nuestro identificador."),
    ),
    Columna(
        "id_externo", _("Identificador de la devolución"),
        ("devolucion", "id_devolucion", "devolucion_id", "refund", "refund_id", "reembolso",
         "reembolso_id", "id_reembolso", "external_id"),
        obligatoria=True, ayuda=_("El de la tienda. Por él no se quita dos veces."),
    ),
    Columna("monto", _("Monto"), ("importe", "valor", "amount", "refund_amount", "refunded_amount",
                                   "amount_refunded", "value"),
            ayuda=_("Vacío: todo lo que queda de la venta.")),
    Columna("moneda", _("Moneda"), ("divisa", "currency", "currency_code"),
            ayuda=_("Si se dice, tiene que ser la de la venta.")),
    Columna("ocurrido_en", _("Fecha"), ("fecha", "ocurrida_en", "date", "datetime", "timestamp",
                                         "refunded_at", "created_at", "refund_date")),
    _CAMPANA,
    Columna("tipo", _("Tipo"), ("type", "refund_type")),
    Columna("motivo", _("Motivo"), ("motivo_codigo", "causa", "reason", "nota", "note")),
)  # fmt: skip
_AFILIADOS = (
    Columna(
        "referencia", _("Referencia externa"),
        ("referencia_externa", "external_id", "reference", "codigo", "code", "partner_id",
         "affiliate_id", "id"),
        obligatoria=True, ayuda=_("La suya en el otro sistema. Por ella no se registra dos veces."),
    ),
    Columna("afiliado_id", _("Identificador"),
            ayuda=_("El nuestro, si ya está registrado: de una lista exportada.")),
    Columna("nombre", _("Nombre"), ("nombre_completo", "name", "full_name", "afiliado", "affiliate",
                                     "partner", "company", "empresa"), obligatoria=True),
    Columna("email", _("Correo"), ("correo", "correo_electronico", "e_mail", "mail",
                                    "email_address"), obligatoria=True),
    Columna("telefono", _("Teléfono"), ("phone", "phone_number", "movil", "celular", "mobile")),
    Columna("documento_tipo", _("Tipo de documento"), ("tipo_documento", "document_type")),
    Columna("documento_numero", _("Número de documento"),
            ("documento", "numero_documento", "document", "document_number", "tax_id", "nit")),
    Columna("documento_pais", _("País del documento"),
            ("pais_documento", "document_country"), ayuda=_("Dos letras: CO, ES…")),
    Columna("tipo_afiliado", _("Tipo"), ("tipo", "type", "affiliate_type")),
    Columna("nivel", _("Nivel"), ("level", "tier")),
    Columna(
        "referente", _("Referente"),
        ("referente_id", "referido_por", "patrocinador", "referrer", "referred_by", "sponsor",
         "parent", "upline"),
        ayuda=_("Su referencia, nuestro identificador o su correo. Puede venir en otra fila."),
    ),
    Columna("comision_base", _("Comisión base (%)"),
            ("comision", "tasa", "porcentaje", "commission", "commission_rate", "rate")),
)  # fmt: skip
COLUMNAS: Mapping[str, tuple[Columna, ...]] = {
    TipoImportacion.VENTAS: _VENTAS,
    TipoImportacion.DEVOLUCIONES: _DEVOLUCIONES,
    TipoImportacion.AFILIADOS: _AFILIADOS,
}


def llano(cabecera: str) -> str:
    """A header without case, accents nor signs: ``Nº de Pedido`` is ``no_de_pedido``."""
    plana = unicodedata.normalize("NFKD", cabecera).casefold()
    letras = "".join(c for c in plana if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "_", letras).strip("_")


def reconocer(tipo: str, cabecera: Sequence[str]) -> dict[str, str]:
    """Which header each field seems to be under; each header is of one field."""
    libres = {llano(nombre): nombre for nombre in reversed(cabecera) if nombre}
    columnas: dict[str, str] = {}
    # Its own name first: an alias never takes it from another field.
    for columna in COLUMNAS[tipo]:
        if columna.campo in libres:
            columnas[columna.campo] = libres.pop(columna.campo)
    for columna in COLUMNAS[tipo]:
        if columna.campo in columnas:
            continue
        for alias in columna.alias:
            if alias in libres:
                columnas[columna.campo] = libres.pop(alias)
                break
    return columnas


def faltan(tipo: str, columnas: Mapping[str, str]) -> list[str]:
    """Titles of what every row has to say and is nowhere."""
    return [str(c.titulo) for c in COLUMNAS[tipo] if c.obligatoria and c.campo not in columnas]


def exigir_columnas(tipo: str, cabecera: Sequence[str], dadas: Mapping[str, str]) -> dict[str, str]:
    """The columns that a person says. Raises :class:`ColumnaDesconocida` and
    :class:`FaltanColumnas`."""
    conocidos = {columna.campo for columna in COLUMNAS[tipo]}
    columnas = {campo: nombre for campo, nombre in dadas.items() if campo in conocidos and nombre}
    for nombre in columnas.values():
        if nombre not in cabecera or list(columnas.values()).count(nombre) > 1:
            raise ColumnaDesconocida(
                _now("«%(nombre)s» no es una columna del fichero, o se usa dos veces.")
                % {"nombre": nombre[:60]}
            )
    if sin := faltan(tipo, columnas):
        raise FaltanColumnas(
            _now("Di en qué columna está cada una: %(cuales)s.") % {"cuales": ", ".join(sin)}
        )
    return columnas
