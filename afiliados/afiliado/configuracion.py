"""Settings of an affiliate with a date to come: its minimum payment, and how it is written to.

The columns are those in force; what is to come has a row of its own, which a task gives to the
columns at its moment. Whoever must not be a minute late asks here (``minimos_en_vigor``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from afiliados.afiliado.comprobacion import comprobar
from afiliados.afiliado.models import Afiliado, ConfiguracionProgramada
from alpespartner.comun.actores import Actor
from alpespartner.comun.errores import DatoInvalido

PROGRAMABLES = ("minimo_pago", "idioma", "resumen")


def pendientes(afiliado: Afiliado) -> QuerySet[ConfiguracionProgramada]:
    """The rows of an affiliate that its columns did not get yet, in the order that they will."""
    filas = ConfiguracionProgramada.objects.filter(afiliado=afiliado.pk, aplicada_en=None)
    return filas.order_by("desde", "pk")


def vencidas() -> QuerySet[ConfiguracionProgramada]:
    """Rows whose moment came and that nobody applied yet: none, but for a minute or so."""
    return ConfiguracionProgramada.objects.filter(aplicada_en=None, desde__lte=timezone.now())


def minimos_en_vigor(afiliados: Iterable[int] | None = None) -> dict[int, Decimal | None]:
    """The least that is paid at once to some affiliates, by key, where it is not what their column
    says any more: its moment came, and the task did not. Of all of them, without a selection."""
    filas = vencidas()
    if afiliados is not None:
        filas = filas.filter(afiliado__in=list(afiliados))
    return {
        fila.afiliado_id: fila.minimo_pago
        for fila in filas.order_by("desde", "pk")
        if "minimo_pago" in fila.campos
    }


def distinta(afiliado: Afiliado, dados: Mapping[str, Any], desde: datetime) -> dict[str, Any]:
    """Of some settings, those that are not what an affiliate will have at a moment."""
    entonces = {campo: getattr(afiliado, campo) for campo in PROGRAMABLES}
    for fila in pendientes(afiliado).filter(desde__lte=desde):
        entonces |= {campo: getattr(fila, campo) for campo in fila.campos}
    return {c: v for c, v in dados.items() if c in entonces and entonces[c] != v}


def guardar(
    afiliado: Afiliado, nueva: Mapping[str, Any], *, desde: datetime, actor: Actor, motivo: str
) -> None:
    """Write the row of settings to come. Raises :class:`DatoInvalido` for what it cannot have."""
    quedaria = copy(afiliado)
    for campo, valor in nueva.items():
        setattr(quedaria, campo, valor)
    comprobar(quedaria)
    if quedaria.minimo_pago is not None and not afiliado.moneda_comision:
        raise DatoInvalido(_("Di antes en qué moneda es su mínimo."), campo="moneda_comision")
    ConfiguracionProgramada.objects.create(
        afiliado=afiliado,
        desde=desde,
        campos=sorted(nueva),
        publicada_por=str(actor),
        motivo=motivo,
        **{campo: getattr(quedaria, campo) for campo in PROGRAMABLES},
    )
