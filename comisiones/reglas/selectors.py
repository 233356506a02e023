"""Reads of rules: which of their versions are in force."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.db.models.lookups import IsNull
from django.utils import timezone

from comisiones.reglas.models import Regla, VersionRegla


def version_vigente(regla: Regla) -> VersionRegla | None:
    """The version from which a new one starts: the newest in force, else the newest."""
    versiones = regla.versiones.select_related("afiliado", "regla__campana")
    vigente = _en_vigor(versiones, timezone.now()).order_by("-numero").first()
    return vigente or versiones.order_by("-numero").first()


def vigentes_de(reglas: Sequence[Regla]) -> dict[int, list[VersionRegla]]:
    """By key, the versions by which each of some rules pays now, newest first; in one query.

    A version silences the older ones of its rule, but for those in another currency and when it is
    of one affiliate only; of those of single affiliates, the newest is told.
    """
    abiertas = [regla for regla in reglas if regla.terminada_en is None]
    # As many as there are currencies, and as many of single affiliates.
    cual: list[Any] = [F("regla"), F("moneda"), IsNull(F("afiliado"), True)]
    versiones = (
        _en_vigor(VersionRegla.objects.filter(regla__in=abiertas), timezone.now())
        .annotate(
            puesto=Window(RowNumber(), partition_by=cual, order_by=F("numero").desc()),
        )
        .filter(puesto=1)
        .select_related("afiliado")
        .order_by("regla", "-numero")
    )
    por_regla: dict[int, list[VersionRegla]] = {regla.pk: [] for regla in reglas}
    for version in versiones:
        nuevas = por_regla[version.regla_id]
        if not any(_calla(nueva, version) for nueva in nuevas):
            nuevas.append(version)
    return por_regla


def _en_vigor(versiones: QuerySet[VersionRegla], ahora: datetime) -> QuerySet[VersionRegla]:
    return versiones.filter(
        Q(vigente_hasta=None) | Q(vigente_hasta__gt=ahora), vigente_desde__lte=ahora
    )


def _calla(nueva: VersionRegla, vieja: VersionRegla) -> bool:
    """Whether whatever the older one could pay is paid by the newer one."""
    misma_moneda = nueva.moneda in ("", vieja.moneda)
    mismo_afiliado = nueva.afiliado_id in (None, vieja.afiliado_id)
    return misma_moneda and mismo_afiliado
