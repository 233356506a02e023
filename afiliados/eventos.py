"""Events of the context ``afiliados``. They carry no personal data: consumers ask by id."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from outbox.registro import evento

_afiliado = evento(contexto="afiliados", sujeto="afiliado_id")


@_afiliado
@dataclass(frozen=True, kw_only=True)
class AfiliadoRegistrado:
    """An affiliate was registered, active or pending."""

    afiliado_id: str
    tipo_afiliado: str
    estado: str


@_afiliado
@dataclass(frozen=True, kw_only=True)
class AfiliadoActivado:
    """An affiliate may earn: its held commissions go on."""

    afiliado_id: str


@_afiliado
@dataclass(frozen=True, kw_only=True)
class AfiliadoActualizado:
    """Data of an affiliate changed; ``campos`` names which."""

    afiliado_id: str
    campos: list[str]


@_afiliado
@dataclass(frozen=True, kw_only=True)
class ConfiguracionComisionesActualizada:
    """Rates of an affiliate changed: these are in force now, for the sales that occur from now on
    or from when its terms say."""

    afiliado_id: str
    comision_base: str | None
    comision_premium: str | None
    comision_fija: str | None
    moneda: str


@_afiliado
@dataclass(frozen=True, kw_only=True)
class CondicionesProgramadas:
    """An affiliate will earn by other terms for the sales that occur from ``desde`` on, or have
    other settings from then on; ``campos`` names which change."""

    afiliado_id: str
    campos: list[str]
    desde: datetime


@_afiliado
@dataclass(frozen=True, kw_only=True)
class AfiliadoSuspendido:
    """An affiliate brings no more conversions for now."""

    afiliado_id: str
    motivo: str


@_afiliado
@dataclass(frozen=True, kw_only=True)
class AfiliadoBloqueado:
    """Payments to an affiliate stop."""

    afiliado_id: str
    motivo: str


@_afiliado
@dataclass(frozen=True, kw_only=True)
class AfiliadoDesbloqueado:
    """A second person lifted a block; the affiliate is suspended until it is activated."""

    afiliado_id: str
    motivo: str


@_afiliado
@dataclass(frozen=True, kw_only=True)
class AfiliadoRechazado:
    """An application was turned down."""

    afiliado_id: str
    motivo: str


@_afiliado
@dataclass(frozen=True, kw_only=True)
class AfiliadoCerrado:
    """An affiliate left the programme."""

    afiliado_id: str
    motivo: str


@_afiliado
@dataclass(frozen=True, kw_only=True)
class AfiliadoBorrado:
    """Who an affiliate was is erased: whoever keeps a copy of it erases theirs."""

    afiliado_id: str


@_afiliado
@dataclass(frozen=True, kw_only=True)
class CuentaBancariaCambiada:
    """An affiliate is paid somewhere else from ``utilizable_en`` on; the number does not travel."""

    afiliado_id: str
    termina_en: str
    utilizable_en: datetime


@_afiliado
@dataclass(frozen=True, kw_only=True)
class CuentaBancariaConfirmada:
    """A second person checked where an affiliate is paid."""

    afiliado_id: str
    termina_en: str


@_afiliado
@dataclass(frozen=True, kw_only=True)
class CorreoCambiado:
    """An affiliate is told things at another address. ``paso`` is the step of the history that has
    both, by its key: addresses do not travel."""

    afiliado_id: str
    paso: int
