"""Reads of rules: which of their versions are in force."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from comisiones.reglas.models import Regla, VersionRegla

# Versions that are read for a page of rules.
MAX_FILAS = 1_000


def version_vigente(regla: Regla) -> VersionRegla | None:
    """The version from which a new one starts: the newest in force, else the newest."""
    versiones = regla.versiones.select_related("afiliado", "regla__campana")
    vigente = _en_vigor(versiones, timezone.now()).order_by("-numero").first()
    return vigente or versiones.order_by("-numero").first()


def vigentes_de(reglas: Sequence[Regla]) -> dict[int, list[VersionRegla]]:
    """By key, the versions by which each of some rules pays now, newest first; in one query.

    A version silences the older ones of its rule, but for those in another currency and when it is
    of one affiliate only.
    """
    por_regla: dict[int, list[VersionRegla]] = {regla.pk: [] for regla in reglas}
    abiertas = [regla for regla in reglas if regla.terminada_en is None]
    versiones = VersionRegla.objects.filter(regla__in=abiertas).select_related("afiliado")
    # By the index of (rule, number), backwards: nothing is sorted.
    filas = list(_en_vigor(versiones, timezone.now()).order_by("-regla_id", "-numero")[:MAX_FILAS])
    for version in filas:
        nuevas = por_regla[version.regla_id]
        if not any(_calla(nueva, version) for nueva in nuevas):
            nuevas.append(version)
    if len(filas) == MAX_FILAS:
        # Those of the last rule or two did not fit: of each, its newest.
        for regla in abiertas:
            if not por_regla[regla.pk]:
                suyas = _en_vigor(versiones.filter(regla=regla), timezone.now())
                por_regla[regla.pk] = list(suyas.order_by("-numero")[:1])
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
