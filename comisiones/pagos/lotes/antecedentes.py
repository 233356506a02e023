"""What a batch pays for the second time: it was in a file for the bank, and somebody said that it
did not arrive.

Whoever releases the batch has to know, and cannot be who said so: that is how one person alone
would have it paid twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from alpespartner.comun.models import Historial
from alpespartner.comun.propuestas.selectors import confirmadores
from comisiones.ajustes.models import TipoAjuste
from comisiones.pagos.estados import EstadoPago
from comisiones.pagos.models import ItemPago, LineaBanco, LotePago, Pago, ResultadoLinea


@dataclass(frozen=True, slots=True, order=True)
class Antecedente:
    """Public ids of a payment, and of an earlier one with its batch, why it counts as not made and
    who said so."""

    pago: str
    antes: str
    lote: str
    motivo: str
    por: str


def antecedentes(lote: LotePago) -> list[Antecedente]:
    """In a fixed order; a few queries, however large the batch is."""
    previos = {(pago, antes): (suyo, motivo) for pago, antes, suyo, motivo in _hallados(lote)}
    autores: dict[str, str] = dict(
        Historial.objects.filter(
            entidad="pago",
            entidad_id__in={antes for _pago, antes in previos},
            accion__in=("fallar", "recibir_devolucion"),
        )
        .order_by("pk")
        .values_list("entidad_id", "actor")
    )
    return sorted(
        Antecedente(pago, antes, suyo, motivo, autores.get(antes, ""))
        for (pago, antes), (suyo, motivo) in previos.items()
    )


def confirmados_por(previos: Iterable[Antecedente]) -> dict[str, str]:
    """Who confirmed what somebody said of each earlier payment; who is not there needed nobody."""
    antes = {previo.antes for previo in previos}
    lineas = dict(
        LineaBanco.objects.filter(pago__id_publico__in=antes, resultado=ResultadoLinea.APLICADA)
        .order_by("pk")
        .values_list("pago__id_publico", "extracto__id_publico")
    )
    por_extracto = confirmadores("extracto", set(lineas.values()), "extracto")
    return {
        **{pago: por_extracto[e] for pago, e in lineas.items() if e in por_extracto},
        **confirmadores("pago", antes, "no_pagado"),
    }


def _hallados(lote: LotePago) -> list[tuple[str, str, str, str]]:
    suyos = ItemPago.objects.filter(pago__lote=lote)
    en_fichero = Pago.objects.filter(lote__fichero__isnull=False).exclude(lote=lote)
    # A commission that was not paid is paid again itself.
    por_comision = dict(
        suyos.filter(
            comision__items_pago__pago__in=en_fichero.filter(estado=EstadoPago.FALLIDO)
        ).values_list("comision", "pago__id_publico")
    )
    filas = [
        (por_comision[comision], antes, suyo, motivo)
        for comision, antes, suyo, motivo in ItemPago.objects.filter(
            comision__in=por_comision, pago__in=en_fichero.filter(estado=EstadoPago.FALLIDO)
        ).values_list("comision", "pago__id_publico", "pago__lote__id_publico", "pago__detalle")
    ]
    # One that came back is owed again by an adjustment, whose reason begins with it.
    por_pago = {
        motivo.partition(":")[0]: pago
        for motivo, pago in suyos.filter(ajuste__tipo=TipoAjuste.PAGO_DEVUELTO).values_list(
            "ajuste__motivo", "pago__id_publico"
        )
    }
    filas += [
        (por_pago[antes], antes, suyo, motivo)
        for antes, suyo, motivo in en_fichero.filter(id_publico__in=por_pago).values_list(
            "id_publico", "lote__id_publico", "detalle"
        )
    ]
    return filas
