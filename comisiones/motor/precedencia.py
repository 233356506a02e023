"""Which rule applies to a conversion, and what it inherits.

Order: coupon or link > affiliate > affiliate x product > product > affiliate type > campaign >
default; then higher ``prioridad``; then newest (later ``vigente_desde``, higher ``version``); then
the name of the rule, so that the answer never depends on the order of the input.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any, Final

from comisiones.motor.errores import HechosInvalidos
from comisiones.motor.tipos import Alcance, Hechos, Terminos, VersionRegla

CONDICIONES: Final = tuple(campo.name for campo in fields(Alcance))
CAMPOS: Final = tuple(campo.name for campo in fields(Terminos))
DE_MONEDA: Final = frozenset({"moneda", "monto_fijo", "tramos", "minimo", "tope", "topes_gasto"})
_SIEMPRE: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ReglaResuelta:
    """The version that applies, its effective terms, and where each inherited term came from.

    ``origenes`` holds ``(term, rule, version)`` for inherited terms only.
    """

    version: VersionRegla
    terminos: Terminos
    origenes: tuple[tuple[str, str, int], ...] = ()


def rango(alcance: Alcance) -> int:
    """Place of a scope in the order of precedence: 0 (coupon or link) wins over 6 (default)."""
    if alcance.cupon is not None or alcance.enlace is not None:
        return 0
    if alcance.afiliado is not None:
        return 1 if alcance.producto is None else 2
    if alcance.producto is not None:
        return 3
    if alcance.tipo_afiliado is not None:
        return 4
    return 5 if alcance.campana is not None else 6


def aplica(version: VersionRegla, hechos: Hechos, nivel: int = 1) -> bool:
    """Whether a version is for this level, in force when the conversion occurred, and in scope."""
    if version.nivel != nivel or not _vigente(version, hechos.ocurrida_en):
        return False
    for condicion in CONDICIONES:
        pedido = getattr(version.alcance, condicion)
        if pedido is not None and pedido != getattr(hechos, condicion):
            return False
    return True


def _vigente(version: VersionRegla, instante: datetime) -> bool:
    if instante.utcoffset() is None:
        raise HechosInvalidos("La fecha de la conversión debe llevar zona horaria.")
    desde, hasta = version.vigente_desde, version.vigente_hasta
    return (desde is None or desde <= instante) and (hasta is None or instante < hasta)


def ordenar(versiones: Iterable[VersionRegla]) -> list[VersionRegla]:
    """Versions from the first to be heard to the last; of each rule only its newest."""
    por_antiguedad = sorted(versiones, key=_novedad, reverse=True)
    unicas = {version.regla: version for version in reversed(por_antiguedad)}
    candidatas = [version for version in por_antiguedad if unicas[version.regla] is version]
    # Stable: within a rank and a priority the newest stays first.
    return sorted(candidatas, key=lambda version: (rango(version.alcance), -version.prioridad))


def _novedad(version: VersionRegla) -> tuple[datetime, int, str]:
    return (version.vigente_desde or _SIEMPRE, version.version, version.regla)


def heredar(versiones: Sequence[VersionRegla], moneda: str | None = None) -> ReglaResuelta:
    """Terms of the first version, each ``None`` filled from the next one that has it.

    Amounts are inherited only from rules in ``moneda`` (default: the first rule's currency) or
    without one: 5 USD say nothing of what to pay in EUR. ``versiones`` must not be empty.
    """
    primera = versiones[0]
    moneda = primera.terminos.moneda or moneda
    cambios: dict[str, Any] = {}
    origenes: list[tuple[str, str, int]] = []
    for campo in CAMPOS:
        if getattr(primera.terminos, campo) is not None:
            continue
        for otra in versiones[1:]:
            valor = getattr(otra.terminos, campo)
            if valor is None or (
                campo in DE_MONEDA and moneda and otra.terminos.moneda not in (None, moneda)
            ):
                continue
            cambios[campo] = valor
            origenes.append((campo, otra.regla, otra.version))
            break
    if not cambios:
        return ReglaResuelta(primera, primera.terminos)
    return ReglaResuelta(primera, replace(primera.terminos, **cambios), tuple(origenes))


def resolver(
    versiones: Iterable[VersionRegla], hechos: Hechos, nivel: int = 1
) -> ReglaResuelta | None:
    """Rule for a conversion at a network level, with its effective terms; ``None`` if none applies.

    Raises :class:`HechosInvalidos` for a naive ``ocurrida_en``.
    """
    candidatas = ordenar(version for version in versiones if aplica(version, hechos, nivel))
    return heredar(candidatas, hechos.moneda) if candidatas else None
