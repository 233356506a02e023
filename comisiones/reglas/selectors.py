"""Which terms apply to a conversion."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.db.models import Q

from afiliados.models import Afiliado
from comisiones.motor import Terminos
from comisiones.reglas.models import OrigenRegla, Regla, VersionRegla
from conversiones.models import Conversion


@dataclass(frozen=True, slots=True)
class Aplicable:
    """Terms for one conversion and the rule (and version) that they come from."""

    regla: Regla
    version: VersionRegla | None
    terminos: Terminos


def regla_del_sistema(origen: OrigenRegla) -> Regla:
    """One of the rules without versions, made by a migration."""
    return Regla.objects.get(origen=origen)


class Tarifario:
    """Rules in force for a set of campaigns, read at most once for a whole batch.

    Precedence: what was agreed with the affiliate, then the campaign's rule, then the programme's
    default. NULL inherits, 0 means zero.
    """

    def __init__(self, campanas: Iterable[int]) -> None:
        self._campanas = set(campanas)

    @cached_property
    def _de_afiliado(self) -> Regla:
        return regla_del_sistema(OrigenRegla.AFILIADO)

    @cached_property
    def _versiones(self) -> dict[int | None, list[VersionRegla]]:
        versiones = VersionRegla.objects.filter(
            Q(regla__campana__in=self._campanas) | Q(regla__campana=None),
            regla__origen=OrigenRegla.VERSION,
        ).select_related("regla")
        por_campana: dict[int | None, list[VersionRegla]] = {}
        for version in versiones:
            por_campana.setdefault(version.regla.campana_id, []).append(version)
        for lista in por_campana.values():
            # The newest rule of a campaign first, and of a rule its newest version.
            lista.sort(key=lambda v: (v.regla_id, v.numero), reverse=True)
        return por_campana

    def para(self, conversion: Conversion, afiliado: Afiliado) -> Aplicable | None:
        """Terms for a conversion, or None when no rule says what it pays."""
        tasa = afiliado.tasa_propia
        if tasa is not None:
            return Aplicable(self._de_afiliado, None, Terminos(porcentaje=tasa))
        if afiliado.comision_fija is not None and afiliado.moneda_comision == conversion.moneda:
            return Aplicable(self._de_afiliado, None, Terminos(monto_fijo=afiliado.comision_fija))
        for campana in (conversion.campana_id, None):
            for version in self._versiones.get(campana, ()):
                terminos = _terminos(version, conversion)
                if terminos is not None:
                    return Aplicable(version.regla, version, terminos)
        return None


def _terminos(version: VersionRegla, conversion: Conversion) -> Terminos | None:
    ocurrida = conversion.ocurrida_en
    if ocurrida < version.vigente_desde:
        return None
    if version.vigente_hasta is not None and ocurrida >= version.vigente_hasta:
        return None
    if version.porcentaje is not None:
        return Terminos(porcentaje=version.porcentaje)
    # A fixed amount means nothing in another currency.
    return Terminos(monto_fijo=_fijo(version)) if version.moneda == conversion.moneda else None


def _fijo(version: VersionRegla) -> Decimal:
    assert version.monto_fijo is not None  # noqa: S101 - a constraint of the table
    return version.monto_fijo
