"""Events of the contexts ``marketing`` (campaigns, links and coupons) and ``conversiones``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from outbox.registro import evento

_campana = evento(contexto="marketing", sujeto="campana_id")
_enlace = evento(contexto="marketing", sujeto="enlace_id")
_cupon = evento(contexto="marketing", sujeto="cupon_id")
_inscripcion = evento(contexto="marketing", sujeto="inscripcion_id")
_conversion = evento(contexto="conversiones", sujeto="conversion_id")
_cliente = evento(contexto="conversiones", sujeto="cliente_id")


@_campana
@dataclass(frozen=True, kw_only=True)
class CampanaCreada:
    """A campaign was drafted."""

    campana_id: str
    nombre: str
    moneda: str


@_campana
@dataclass(frozen=True, kw_only=True)
class CampanaActualizada:
    """Data of a campaign changed; ``campos`` names which."""

    campana_id: str
    campos: list[str]


@_campana
@dataclass(frozen=True, kw_only=True)
class CampanaActivada:
    """A campaign takes conversions."""

    campana_id: str


@_campana
@dataclass(frozen=True, kw_only=True)
class CampanaPausada:
    """A campaign takes no conversions for now."""

    campana_id: str
    motivo: str


@_campana
@dataclass(frozen=True, kw_only=True)
class CampanaFinalizada:
    """A campaign ended."""

    campana_id: str
    motivo: str


@_campana
@dataclass(frozen=True, kw_only=True)
class TerminosPublicados:
    """A campaign has a new version of what affiliates accept."""

    campana_id: str
    numero: int


@_inscripcion
@dataclass(frozen=True, kw_only=True)
class AfiliadoInvitado:
    """Staff asked an affiliate into a campaign. In these, ``terminos`` is the version of the terms
    that it accepted last; 0: none."""

    inscripcion_id: str
    campana_id: str
    afiliado_id: str
    terminos: int


@_inscripcion
@dataclass(frozen=True, kw_only=True)
class InscripcionSolicitada:
    """An affiliate asks to be in a campaign: staff decide."""

    inscripcion_id: str
    campana_id: str
    afiliado_id: str
    terminos: int


@_inscripcion
@dataclass(frozen=True, kw_only=True)
class AfiliadoInscrito:
    """An affiliate is in a campaign: it earns there."""

    inscripcion_id: str
    campana_id: str
    afiliado_id: str
    terminos: int


@_inscripcion
@dataclass(frozen=True, kw_only=True)
class InscripcionRechazada:
    """An affiliate was turned down, or its invitation taken back."""

    inscripcion_id: str
    campana_id: str
    afiliado_id: str
    terminos: int
    motivo: str


@_inscripcion
@dataclass(frozen=True, kw_only=True)
class InscripcionRetirada:
    """An affiliate is out of a campaign: it earns nothing more there."""

    inscripcion_id: str
    campana_id: str
    afiliado_id: str
    terminos: int
    motivo: str


@_inscripcion
@dataclass(frozen=True, kw_only=True)
class TerminosAceptados:
    """An affiliate accepted a newer version of the terms."""

    inscripcion_id: str
    campana_id: str
    afiliado_id: str
    terminos: int


@_enlace
@dataclass(frozen=True, kw_only=True)
class EnlaceCreado:
    """An affiliate has a link in a campaign."""

    enlace_id: str
    afiliado_id: str
    campana_id: str
    codigo: str


@_enlace
@dataclass(frozen=True, kw_only=True)
class EnlaceRetirado:
    """A link counts no clicks any more."""

    enlace_id: str


@_cupon
@dataclass(frozen=True, kw_only=True)
class CuponCreado:
    """A code is an affiliate's: in one campaign or, without it, in all."""

    cupon_id: str
    afiliado_id: str
    campana_id: str | None
    codigo: str


@_cupon
@dataclass(frozen=True, kw_only=True)
class CuponRetirado:
    """A coupon is nobody's any more."""

    cupon_id: str


@_conversion
@dataclass(frozen=True, kw_only=True)
class ConversionRegistrada:
    """A sale was received; ``valor`` is a decimal string in ``moneda``. ``afiliado_id`` is None
    while nobody knows whose it is."""

    conversion_id: str
    afiliado_id: str | None
    campana_id: str
    tipo_conversion: str
    valor: str
    moneda: str
    ocurrida_en: datetime
    referencia_externa: str | None


@_conversion
@dataclass(frozen=True, kw_only=True)
class ConversionActualizada:
    """Data of a sale changed; ``campos`` names which. What it is worth changes by
    :class:`ConversionRevertida`."""

    conversion_id: str
    campos: list[str]


@_conversion
@dataclass(frozen=True, kw_only=True)
class ConversionAsignada:
    """Staff said whose a sale is that was nobody's: its commission is calculated."""

    conversion_id: str
    afiliado_id: str
    motivo: str


@_conversion
@dataclass(frozen=True, kw_only=True)
class ConversionReasignada:
    """Two persons said that a sale of ``anterior_id`` is of another affiliate: what it earned went
    with it in the same transaction."""

    conversion_id: str
    afiliado_id: str
    anterior_id: str


@_cliente
@dataclass(frozen=True, kw_only=True)
class ClienteRegistrado:
    """A shop told of a customer of a campaign. Who it is, only the shop knows."""

    cliente_id: str
    campana_id: str


@_cliente
@dataclass(frozen=True, kw_only=True)
class ClienteVinculado:
    """A customer is of an affiliate from ``vinculado_en`` on; ``por`` says what bound it."""

    cliente_id: str
    campana_id: str
    afiliado_id: str
    por: str
    vinculado_en: datetime


@_cliente
@dataclass(frozen=True, kw_only=True)
class ClienteReasignado:
    """Two persons bound a customer of ``anterior_id`` to another affiliate, from ``vinculado_en``
    on; its earlier sales stay whose they are."""

    cliente_id: str
    campana_id: str
    afiliado_id: str
    anterior_id: str
    vinculado_en: datetime


@_cliente
@dataclass(frozen=True, kw_only=True)
class ClienteBorrado:
    """Who a customer was is erased: whoever keeps a copy of it erases theirs."""

    cliente_id: str


@_conversion
@dataclass(frozen=True, kw_only=True)
class ConversionValidada:
    """Staff confirmed a sale."""

    conversion_id: str


@_conversion
@dataclass(frozen=True, kw_only=True)
class ConversionRechazada:
    """Staff refused a sale: its commission is voided."""

    conversion_id: str
    motivo: str


@_conversion
@dataclass(frozen=True, kw_only=True)
class ConversionRepuesta:
    """A refused sale came again, and counts from now on: ``movimiento_id`` says why."""

    conversion_id: str
    movimiento_id: str
    motivo: str


@_conversion
@dataclass(frozen=True, kw_only=True)
class ConversionRevertida:
    """Part of a sale, or all that was left of it, was taken back.

    ``monto`` is what this movement takes and ``queda`` what is left of the sale: decimal strings in
    ``moneda``. ``de`` lists what it is of (``concepto``, ``monto``, ``producto_id``); empty: of all
    of it in proportion.
    """

    conversion_id: str
    movimiento_id: str
    tipo: str
    monto: str
    queda: str
    moneda: str
    de: list[dict[str, str]]
    estado: str
    ocurrido_en: datetime
