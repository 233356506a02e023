"""Which commissions and payments somebody means by what they typed: keys, found by indexes."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from afiliados.afiliado.selectors import ids_de_afiliados
from alpespartner.comun.identificadores import es_nuestro
from alpespartner.comun.listas.buscar import claves_de
from comisiones.comision.models import Comision
from comisiones.liquidaciones.models import Liquidacion, SerieLiquidacion
from comisiones.pagos.models import ItemPago, LotePago, Pago
from conversiones.campanas.selectors import ids_de_campanas
from conversiones.ventas.selectors import ids_de_ventas


def comisiones_de(termino: str) -> Q:
    """By our id of it, of its sale, payment or campaign, by the reference of its sale, or its
    affiliate's, name or e-mail."""
    if termino.startswith("com_") and es_nuestro(termino):
        return Q(id_publico=termino)
    if termino.startswith("pago_") and es_nuestro(termino):
        pagos = claves_de(Pago.objects.filter(id_publico=termino))
        return Q(pk__in=_de_items(pagos))
    if termino.startswith("camp_") and es_nuestro(termino):
        return Q(campana__in=ids_de_campanas(termino))
    de_ventas = _de_ventas(ids_de_ventas(termino))
    return Q(pk__in=de_ventas) | Q(afiliado__in=ids_de_afiliados(termino))


def pagos_de(termino: str) -> Q:
    """By our id of it, of its batch or of a commission that it pays, by the reference of a sale, or
    by its affiliate."""
    if termino.startswith("pago_") and es_nuestro(termino):
        return Q(id_publico=termino)
    if termino.startswith("lote_") and es_nuestro(termino):
        return Q(lote__in=claves_de(LotePago.objects.filter(id_publico=termino)))
    return Q(pk__in=ids_de_pagos(termino)) | Q(afiliado__in=ids_de_afiliados(termino))


def ids_de_pagos(termino: str) -> list[int]:
    """Keys of the payments of the sales, or of the commission, that a term names."""
    if termino.startswith("com_") and es_nuestro(termino):
        suyas = claves_de(Comision.objects.filter(id_publico=termino))
    else:
        suyas = _de_ventas(ids_de_ventas(termino))
    return pagos_que_pagan(suyas)


def pagos_que_pagan(comisiones: Collection[int]) -> list[int]:
    """Keys of the payments of some commissions."""
    if not comisiones:
        return []
    items = ItemPago.objects.filter(comision__in=comisiones).order_by()
    return list(dict.fromkeys(items.values_list("pago", flat=True)[: 2 * len(comisiones)]))


def liquidaciones_de(termino: str) -> Q:
    """By its number, whole or without its series, by our id of it or of its payment, by what its
    payment pays, or by its affiliate."""
    if termino.startswith("liq_") and es_nuestro(termino):
        return Q(id_publico=termino)
    if termino.startswith("pago_") and es_nuestro(termino):
        return Q(pago__in=claves_de(Pago.objects.filter(id_publico=termino)))
    return (
        Q(pk__in=ids_por_numero(termino))
        | Q(pago__in=ids_de_pagos(termino))
        | Q(afiliado__in=ids_de_afiliados(termino))
    )


def ids_por_numero(termino: str) -> list[int]:
    """Keys of the documents with a number: ``2026-000042``, or ``42`` of any series."""
    serie, _guion, numero = termino.rpartition("-")
    if not (numero.isascii() and numero.isdigit() and len(numero) < 10):
        return []
    # One for each year.
    series = [serie] if serie else list(SerieLiquidacion.objects.values_list("serie", flat=True))
    return claves_de(Liquidacion.objects.filter(serie__in=series, numero=int(numero)))


def _de_ventas(ventas: Collection[int]) -> list[int]:
    """Keys of the commissions of some sales: as keys they are read together, whatever else is
    asked of them."""
    return claves_de(Comision.objects.filter(conversion__in=ventas)) if ventas else []


def _de_items(pagos: Collection[int]) -> list[int]:
    items = ItemPago.objects.filter(pago__in=pagos, comision__isnull=False)
    return list(items.values_list("comision", flat=True))
