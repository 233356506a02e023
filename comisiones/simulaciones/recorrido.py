"""Stored sales in order of occurrence, in batches, with what each earned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from afiliados.afiliado.condiciones import como_era, leer
from afiliados.afiliado.models import Afiliado
from comisiones.comision.estados import SIN_EFECTO
from comisiones.comision.models import Comision
from comisiones.reglas.models import OrigenRegla
from comisiones.simulaciones.candidatas import Hoy
from comisiones.simulaciones.models import Simulacion
from comisiones.simulaciones.politica import politica_de
from conversiones.campanas.models import Campana
from conversiones.ventas.estados import SIN_COMISION
from conversiones.ventas.models import Conversion

TANDA = 500


def ventas_de(simulacion: Simulacion) -> QuerySet[Conversion]:
    """Sales that a backtest looks at: not those refused, given back whole or of nobody."""
    ventas = Conversion.objects.filter(
        ocurrida_en__gte=simulacion.desde,
        ocurrida_en__lt=simulacion.hasta,
        afiliado__isnull=False,
    ).exclude(estado__in=SIN_COMISION)
    if simulacion.campana_id is not None:
        ventas = ventas.filter(campana_id=simulacion.campana_id)
    if simulacion.regla_id is None:
        # Its amounts are in this currency, and say nothing of the others.
        ventas = ventas.filter(moneda=politica_de(simulacion.politica).moneda)
    return ventas


class Recorrido:
    """Reads a backtest's sales from a cursor: the instant and key of the last one read."""

    def __init__(self, simulacion: Simulacion) -> None:
        self._ventas = ventas_de(simulacion)
        self._afiliados: dict[int, Afiliado] = {}
        self._campanas: dict[int, Campana] = {}

    def siguientes(self, cursor: list[Any]) -> list[Conversion]:
        """The next batch, with campaigns, and affiliates as they were; ``cursor`` moves past it."""
        ventas = self._ventas
        if cursor:
            instante, pk = datetime.fromisoformat(cursor[0]), cursor[1]
            # The first condition is implied by the other; by it the index is entered.
            ventas = ventas.filter(
                Q(ocurrida_en__gte=instante), Q(ocurrida_en__gt=instante) | Q(pk__gt=pk)
            )
        tanda = list(ventas.order_by("ocurrida_en", "pk")[:TANDA])
        vendedores = {c.pk: c.afiliado_id for c in tanda if c.afiliado_id is not None}
        _completar(self._afiliados, Afiliado, set(vendedores.values()))
        _completar(self._campanas, Campana, {c.campana_id for c in tanda})
        condiciones = leer({self._afiliados[pk] for pk in vendedores.values()})
        for conversion in tanda:
            conversion.afiliado = como_era(
                self._afiliados[vendedores[conversion.pk]], conversion.ocurrida_en, condiciones
            )
            conversion.campana = self._campanas[conversion.campana_id]
        if tanda:
            cursor[:] = [tanda[-1].ocurrida_en.isoformat(), tanda[-1].pk]
        # Sales of one instant accumulate in the order of their public ids.
        return sorted(tanda, key=lambda c: (c.ocurrida_en, c.id_publico))


def ganado(tanda: Sequence[Conversion]) -> dict[int, list[Hoy]]:
    """What each sale earned before refunds, by its key, seller first.

    A sale not calculated yet, or whose commission was refused or voided, is not there: nobody
    would have been paid for it under other rules either.
    """
    filas = (
        Comision.objects.filter(conversion__in=[c.pk for c in tanda], viva=True)
        .order_by("conversion_id", "nivel")
        .values_list(
            "conversion_id", "nivel", "afiliado_id", "monto", "revertido", "estado",
            "regla_id", "regla__origen",
        )
    )  # fmt: skip
    hoy: dict[int, list[Hoy]] = defaultdict(list)
    for venta, nivel, afiliado, monto, revertido, estado, regla, origen in filas:
        if estado not in SIN_EFECTO:
            manual = origen == OrigenRegla.MANUAL
            hoy[venta].append(Hoy(nivel, afiliado, monto + revertido, regla, manual))
    return {venta: pagos for venta, pagos in hoy.items() if pagos[0].nivel == 1}


def _completar(conocidos: dict[int, Any], modelo: Any, claves: set[int]) -> None:
    conocidos |= modelo.objects.in_bulk(claves - conocidos.keys())
