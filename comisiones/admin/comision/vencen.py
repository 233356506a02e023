"""Approved commissions by when they can be paid."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from comisiones.comision.estados import EstadoComision
from comisiones.comision.models import Comision

PARAMETRO = "vence"
SEMANA = "semana"
# What the list is asked for, with its state.
VENCEN_ESTA_SEMANA = f"estado={EstadoComision.APROBADA.value}&{PARAMETRO}={SEMANA}"


def limites(cuando: str, ahora: datetime) -> tuple[datetime | None, datetime | None] | None:
    """From when, included, until when, excluded: the days that a value of the filter names, in
    UTC. The week is until this moment of the seventh day, with what is late."""
    hoy = ahora.astimezone(UTC)
    mes = hoy.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    siguiente = (mes + timedelta(days=31)).replace(day=1)
    return {
        SEMANA: (None, hoy + timedelta(days=7)),
        "antes": (None, mes),
        "mes": (mes, siguiente),
        "despues": (siguiente, None),
    }.get(cuando)


def en_fechas(consulta: QuerySet[Comision], cuando: str) -> QuerySet[Comision]:
    """Of some commissions, those that can be paid in the days that a value names."""
    entre = limites(cuando, timezone.now())
    if entre is None:
        return consulta
    desde, hasta = entre
    if desde is not None:
        consulta = consulta.filter(madura_en__gte=desde)
    return consulta if hasta is None else consulta.filter(madura_en__lt=hasta)


def vencen() -> QuerySet[Comision]:
    """Those that are approved and can be paid within seven days, or could before."""
    return en_fechas(Comision.objects.filter(estado=EstadoComision.APROBADA), SEMANA)


class FiltroVence(DropdownFilter):
    """By when they can be paid."""

    title = _("se puede pagar")
    parameter_name = PARAMETRO
    all_option = ("", _("Cuando sea"))

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [
            (SEMANA, _("De aquí a siete días, o ya")),
            ("antes", _("Desde antes de este mes")),
            ("mes", _("Este mes")),
            ("despues", _("Después de este mes")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return en_fechas(queryset, self.value() or "")
