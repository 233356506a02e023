"""How people read amounts, counts, percentages and ages, on pages and in documents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from alpespartner.comun import dinero

VACIO = "–"


def numero(monto: Decimal, moneda: str) -> str:
    """``monto`` with the language's separators and the currency's decimals."""
    mostrado = dinero.visible(monto, moneda)
    if not mostrado.is_finite():
        return str(mostrado)
    decimales = max(0, -int(mostrado.as_tuple().exponent))
    return number_format(mostrado, decimal_pos=decimales, force_grouping=True)


def sin_moneda(monto: Decimal) -> str:
    """An amount whose currency nobody knows yet, with the decimals that it has."""
    normal = monto.normalize(dinero.CONTEXTO)
    decimales = max(0, -int(normal.as_tuple().exponent))
    return number_format(normal, decimal_pos=decimales, force_grouping=True)


def entero(n: int) -> str:
    """A count with the language's separators."""
    return number_format(n, decimal_pos=0, force_grouping=True)


def con_moneda(monto: Decimal, moneda: str) -> str:
    """``monto`` with its currency, as ``1.200,00 USD``."""
    return f"{numero(monto, moneda)} {moneda}"


def fecha_y_hora(cuando: datetime) -> str:
    """An instant in short, in the zone of whoever reads."""
    return date_format(timezone.localtime(cuando), "SHORT_DATETIME_FORMAT")


def fecha_y_hora_en(cuando: datetime, zona: str) -> str:
    """An instant in a zone that is not that of whoever reads, with its name; in theirs, when it
    names none."""
    try:
        suya = timezone.localtime(cuando, ZoneInfo(zona))
    except (ValueError, OSError, OverflowError, ZoneInfoNotFoundError):
        return fecha_y_hora(cuando)
    dicha = date_format(suya, "SHORT_DATETIME_FORMAT")
    return dicha if zona == timezone.get_current_timezone_name() else f"{dicha} ({zona})"


# What a preview adds up at most; past it, it says «more than».
TOPE_PREVIA = 5_000
# How far back it looks for what a change would have done.
DIAS_EFECTO = 90


def cuantas_y_cuanto(filas: Iterable[tuple[str, Decimal]]) -> str:
    """Rows of (currency, amount) as ``3 · 120,00 USD + 4.000,00 COP``: whoever asks reads one more
    than ``TOPE_PREVIA`` at most."""
    n, sumas = 0, defaultdict[str, Decimal](Decimal)
    for n, (moneda, monto) in enumerate(filas, start=1):
        if n > TOPE_PREVIA:
            break
        sumas[moneda] += monto
    mas = "> " if n > TOPE_PREVIA else ""
    partes = [entero(min(n, TOPE_PREVIA))]
    if sumas:
        dichas = (con_moneda(monto, moneda) for moneda, monto in sorted(sumas.items()))
        partes.append(" + ".join(dichas))
    return mas + " · ".join(partes)


def porcentaje(tasa: Decimal | None) -> str:
    """``15`` as "15 %", without trailing zeros."""
    if tasa is None:
        return VACIO
    normal = dinero.sin_signo(tasa.normalize(dinero.CONTEXTO))
    decimales = max(0, -int(normal.as_tuple().exponent))
    return f"{number_format(normal, decimal_pos=decimales)} %"


def hace(momento: datetime | None) -> str:
    """Age of a moment in its largest unit."""
    if momento is None:
        return VACIO
    if (timezone.now() - momento).total_seconds() < 60:
        return _("hace un momento")
    return _("hace %(tiempo)s") % {"tiempo": timesince(momento, depth=1)}
