"""Reads of the ledger."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Sum
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.dinero import CERO, visible
from comisiones.libro.models import Apunte, Asiento, Cuenta, SelloDiario

_ADELANTO = timedelta(days=366)


def saldos(afiliado: Afiliado) -> dict[str, Decimal]:
    """What we owe an affiliate, by currency: positive is in its favour."""
    filas = (
        Apunte.objects.filter(afiliado=afiliado, cuenta=Cuenta.POR_PAGAR)
        .values("moneda")
        .annotate(suma=Sum("importe"))
        .order_by("moneda")
    )
    # SQLite adds decimals as binary fractions: the sum is right to the unit, not beyond.
    return {f["moneda"]: visible(-f["suma"], f["moneda"]) + CERO for f in filas}


def saldos_de_cuentas() -> dict[tuple[str, str], Decimal]:
    """Balance of each (account, currency), debit positive: those of the last sealed day and what
    came after it, so that it takes as long whatever the ledger's age."""
    return saldos_desde(ultimo_sello())


def ultimo_sello() -> SelloDiario | None:
    """The newest seal that a clock can have made."""
    return SelloDiario.objects.filter(dia__lte=ultimo_posible()).order_by("-dia").first()


def ultimo_posible() -> date:
    """A clock may be ahead; a day after this one was written by nobody's clock, and a seal of it
    must not close what comes before."""
    return timezone.now().astimezone(UTC).date() + _ADELANTO


def saldos_desde(
    sello: SelloDiario | None, *, hasta: date | None = None
) -> dict[tuple[str, str], Decimal]:
    """:func:`saldos_de_cuentas` from a seal, or from the first entry; up to the end of a day."""
    saldos: dict[tuple[str, str], Decimal] = defaultdict(lambda: CERO)
    asientos = Asiento.objects.all()
    if sello is not None:
        for saldo in sello.saldos.all():
            saldos[saldo.cuenta, saldo.moneda] = visible(saldo.importe, saldo.moneda)
        asientos = asientos.filter(creado_en__gte=_tras(sello.dia))
    if hasta is not None:
        asientos = asientos.filter(creado_en__lt=_tras(hasta))
    apuntes = Apunte.objects.filter(asiento__in=asientos)
    for f in apuntes.values("cuenta", "moneda").annotate(suma=Sum("importe")).order_by():
        saldos[f["cuenta"], f["moneda"]] += visible(f["suma"], f["moneda"])
    return dict(saldos)


def primer_instante_abierto() -> datetime | None:
    """The end of the last sealed day: no entry may be dated before it. None without seals."""
    ultimo = ultimo_sello()
    return None if ultimo is None else _tras(ultimo.dia)


def _tras(dia: date) -> datetime:
    """The end of a day (UTC)."""
    return datetime.combine(dia + timedelta(days=1), time.min, UTC)
